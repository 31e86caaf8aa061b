"""Every layout with made-up rows; no row of MovieLens is in here."""

from __future__ import annotations

import csv

import pytest

from local.datasets import fetching, load_dataset

ML_100K = {
    "u.data": "7\t3\t4\t900000000\n8\t5\t1\t900000001\n",
    "u.item": "3|Café (1990)|01-Jan-1990||url|"
    + "|".join("010" + "0" * 16)
    + "\n5|Two|||url|"
    + "|".join("0110" + "0" * 15)
    + "\n",
    "u.genre": "unknown|0\nAction|1\nAdventure|2\n" + "".join(f"g{n}|{n}\n" for n in range(3, 19)) + "\n",
    "u.user": "7|33|F|baker|00000\n8|44|M|other|00001\n",
}
ML_1M = {
    "ratings.dat": "7::3::4::900000000\n8::5::1::900000001\n",
    "movies.dat": "3::Café (1990)::Action\n5::Two: The Sequel::Action|Adventure\n",
    "users.dat": "7::F::33::10::00000\n8::M::44::11::00001\n",
}
ML_25M = {
    "ratings.csv": "userId,movieId,rating,timestamp\n7,3,4.0,900000000\n8,5,1.0,900000001\n",
    "movies.csv": 'movieId,title,genres\n3,"Café, The (1990)",Action\n5,Two,(no genres listed)\n',
    "tags.csv": "userId,movieId,tag,timestamp\n7,3,nice,900000000\n",
    "links.csv": "movieId,imdbId,tmdbId\n3,1,1\n",
}
RECBOLE = {
    "shop.inter": "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
    "7\t3\t4\t900000000\n8\t5\t1\t900000001.0\n",
    "shop.item": "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n3\tCafé\t1990\tAction\n"
    "5\tTwo\t1991\tAction Adventure\n",
    "shop.user": "user_id:token\tage:token\tgender:token\toccupation:token\tzip_code:token\n7\t33\tF\tbaker\t0\n",
}
LAYOUTS = {
    "ml-100k": (ML_100K, "latin-1", "u.data"),
    "ml-1m": (ML_1M, "latin-1", "ratings.dat"),
    "movielens": (ML_25M, "utf-8", "ratings.csv"),
    "shop": (RECBOLE, "utf-8", "shop.inter"),
}


@pytest.fixture
def data(tmp_path):
    """Writes files below a folder and returns the folder."""

    def write(files, below="given", encoding="utf-8"):
        for name, content in files.items():
            path = tmp_path / below / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode(encoding))
        return tmp_path / below

    return write


@pytest.fixture
def load(tmp_path):
    return lambda path, **options: load_dataset(path, tmp_path / "work", **options)


@pytest.fixture
def table():
    """Reads the rows of a CSV file, the header too."""

    def read(path) -> list[list[str]]:
        with path.open(encoding="utf-8", newline="") as lines:
            return list(csv.reader(lines))

    return read


@pytest.fixture
def layouts():
    """Of each layout its files, their encoding, and the file with the ratings."""
    return LAYOUTS


@pytest.fixture
def no_caches(tmp_path, monkeypatch):
    folders = (tmp_path / "project-cache", tmp_path / "user-cache")
    monkeypatch.setattr(fetching, "caches", lambda: folders)
    return folders


@pytest.fixture
def load_layout(data, load):
    """Loads the made-up data of a layout, with other content of the files that are given."""

    def of(name, **changed):
        files, encoding, _ = LAYOUTS[name]
        return load(data({**files, **changed}, encoding=encoding))

    return of
