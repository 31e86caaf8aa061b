"""Reading CSV by the schema's rules, and what a bad row is told."""

import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.data.csv_files import SourceFile, read_csv_files
from emulator.data.imports import check_rows, merged
from emulator.data.interactions import code_interactions
from emulator.data.schema import parse_schema
from emulator.errors import JobFailedError
from emulator.settings import Behaviour, Limits

FIELDS = [
    {"name": "USER_ID", "type": "string"},
    {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"},
]
SCHEMA = parse_schema(json.dumps({"type": "record", "name": "Interactions", "fields": FIELDS}))
WITH_EVENTS = parse_schema(
    json.dumps(
        {
            "type": "record",
            "name": "Interactions",
            "fields": [
                *FIELDS,
                {"name": "EVENT_TYPE", "type": ["null", "string"]},
                {"name": "EVENT_VALUE", "type": ["null", "float"]},
            ],
        }
    )
)
HEADER = "USER_ID,ITEM_ID,TIMESTAMP\n"


def read(*texts, schema=SCHEMA):
    files = [
        SourceFile(f"s3://b/{number}.csv", text.encode() if isinstance(text, str) else text)
        for number, text in enumerate(texts)
    ]
    return read_csv_files(files, schema)


def failure(*texts, schema=SCHEMA):
    with pytest.raises(JobFailedError) as caught:
        read(*texts, schema=schema)
    return str(caught.value)


def test_ids_stay_strings():
    table = read(HEADER + "007,1e5,3\nNA,null,4\n")
    assert table["USER_ID"].to_pylist() == ["007", "NA"]
    assert table["ITEM_ID"].to_pylist() == ["1e5", "null"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('"a,b"', "a,b"),
        ('"a""b"', 'a"b'),
        (r'"a\"b"', 'a"b'),
        (r'"a\\"', "a\\"),
        (r"a\b", r"a\b"),
        ("Zürich \U0001f600", "Zürich \U0001f600"),
    ],
)
def test_both_ways_of_quoting(cell, value):
    assert read(HEADER + f'u,{cell},3\n"x""y",i,4\n')["ITEM_ID"].to_pylist() == [value, "i"]


# Everything but line ends and control characters, which the service's format cannot hold.
cells = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=20)


@given(st.lists(cells, min_size=1, max_size=10), st.booleans())
@settings(max_examples=100, deadline=None)
def test_whatever_is_quoted_comes_back(texts, backslashes):
    def quoted(text):
        escaped = text.replace("\\", "\\\\")
        return '"' + escaped.replace('"', '\\"' if backslashes else '""') + '"'

    table = read(HEADER + "".join(f"u,{quoted(text)},1\n" for text in texts))
    assert table["ITEM_ID"].to_pylist() == texts


def test_columns_may_come_in_another_order_and_line_ends_may_be_of_windows():
    table = read("\ufeffTIMESTAMP,USER_ID,ITEM_ID\r\n3,u,i\r\n")
    assert table.to_pylist() == [{"USER_ID": "u", "ITEM_ID": "i", "TIMESTAMP": 3}]


def test_missing_columns_are_named_in_the_services_words():
    assert failure("USER_ID,ITEM\nu,i\n").startswith(
        "Input CSV is missing the following columns:[ITEM_ID, TIMESTAMP]"
    )


def test_unknown_columns_are_named():
    assert "not in the schema:[RATING]" in failure("USER_ID,ITEM_ID,TIMESTAMP,RATING\nu,i,3,5\n")


def test_a_column_given_twice_is_refused():
    assert "twice" in failure("USER_ID,ITEM_ID,TIMESTAMP,USER_ID\nu,i,3,u\n")


def test_all_files_need_the_same_header():
    message = failure(HEADER + "u,i,3\n", "ITEM_ID,USER_ID,TIMESTAMP\ni,u,3\n")
    assert "same header" in message
    assert "s3://b/1.csv" in message


@pytest.mark.parametrize("text", ["", "\n", "\ufeff"])
def test_an_empty_file_is_refused(text):
    assert "empty" in failure(text)


def test_text_in_a_number_is_shown_with_its_row():
    message = failure(HEADER + "u,i,3\n", HEADER + "u,i,3\nu,i,soon\n")
    assert message.startswith("Input csv has rows that do not conform to the dataset schema.")
    assert "Row 3 of s3://b/1.csv: TIMESTAMP must be of type long, not 'soon'" in message


def test_a_number_that_is_too_large_is_shown_with_its_row():
    assert "Row 2 of s3://b/0.csv: TIMESTAMP" in failure(HEADER + "u,i,99999999999999999999\n")


def test_a_missing_value_is_shown_with_its_row():
    assert "Row 3 of s3://b/0.csv: USER_ID has no value" in failure(HEADER + 'u,i,3\n"",i,3\n')
    assert "Row 2 of s3://b/0.csv: TIMESTAMP has no value" in failure(HEADER + "u,i,\n")


def test_a_row_of_another_width_is_shown():
    assert "Row 3 of s3://b/0.csv has 2 columns, the header has 3" in failure(HEADER + "u,i,3\nu,i\nu,i,3\n")


def test_invalid_utf8_is_refused():
    assert "UTF-8" in failure(HEADER.encode() + b"u,\xff\xfe,3\n")


def test_an_event_type_is_needed_in_every_row_once_the_column_exists():
    header = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\n"
    assert read(header + "u,i,3,click,\n", schema=WITH_EVENTS)["EVENT_VALUE"].to_pylist() == [None]
    assert "EVENT_TYPE has no value" in failure(header + "u,i,3,,4.5\n", schema=WITH_EVENTS)


def rows(count, **columns):
    table = {"USER_ID": ["u"] * count, "ITEM_ID": ["i"] * count, "TIMESTAMP": list(range(count))}
    return pa.table(table | columns)


def test_999_interactions_are_too_few():
    with pytest.raises(JobFailedError, match="999 interactions"):
        check_rows(rows(999), SCHEMA, Limits(), Behaviour())
    check_rows(rows(1000), SCHEMA, Limits(), Behaviour())


def test_a_long_id_is_refused_in_the_services_words():
    table = rows(1000, ITEM_ID=["i"] * 999 + ["i" * 257])
    with pytest.raises(JobFailedError, match="Length cannot be more than 256 characters for ITEM_ID"):
        check_rows(table, SCHEMA, Limits(), Behaviour())


def test_milliseconds_are_taken_unless_a_setting_refuses_them():
    table = rows(1000, TIMESTAMP=[1_600_000_000] * 999 + [1_600_000_000_000])
    check_rows(table, SCHEMA, Limits(), Behaviour())
    with pytest.raises(JobFailedError, match=r"1600000000000 \(record 1000.* milliseconds"):
        check_rows(table, SCHEMA, Limits(), Behaviour(millisecond_timestamps=False))


def test_exact_duplicates_are_kept_once_in_the_order_of_the_first():
    table = read(HEADER + "u,i,3\nv,i,3\nu,i,3\nu,i,4\n")
    assert merged(None, table, SCHEMA).to_pylist() == read(HEADER + "u,i,3\nv,i,3\nu,i,4\n").to_pylist()


def test_an_addition_keeps_what_was_there():
    old, new = read(HEADER + "u,i,3\n"), read(HEADER + "u,i,3\nu,j,5\n")
    assert merged(old, new, SCHEMA)["ITEM_ID"].to_pylist() == ["i", "j"]


def test_of_items_with_one_id_the_newest_row_is_kept():
    fields = [{"name": "ITEM_ID", "type": "string"}, {"name": "GENRE", "type": "string", "categorical": True}]
    schema = parse_schema(json.dumps({"type": "record", "name": "Items", "fields": fields}))
    old = read("ITEM_ID,GENRE\na,x\nb,x\n", schema=schema)
    new = read("ITEM_ID,GENRE\na,y\nc,x\na,z\n", schema=schema)
    assert merged(old, new, schema).to_pylist() == [
        {"ITEM_ID": "b", "GENRE": "x"},
        {"ITEM_ID": "c", "GENRE": "x"},
        {"ITEM_ID": "a", "GENRE": "z"},
    ]


events = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("xyzw"), st.integers(0, 5)),
    min_size=1,
    max_size=30,
    unique=True,
)


@given(events, st.randoms())
@settings(max_examples=50, deadline=None)
def test_the_order_of_the_rows_does_not_matter(data, random):
    def loaded(ordered):
        columns = dict(zip(("USER_ID", "ITEM_ID", "TIMESTAMP"), zip(*ordered, strict=True), strict=True))
        table = pa.table({name: list(values) for name, values in columns.items()})
        return code_interactions(table, None, None)

    first = loaded(data)
    second = loaded(random.sample(data, len(data)))
    assert first.users == second.users
    assert first.items == second.items
    assert first.events.users.tolist() == second.events.users.tolist()
    assert first.events.items.tolist() == second.events.items.tolist()
    # And the events are in the order of user, time and item, whatever the codes are.
    named = [
        (first.users[user], first.items[item])
        for user, item in zip(first.events.users, first.events.items, strict=True)
    ]
    assert named == [
        (user, item) for user, _, item in sorted((user, time, item) for user, item, time in data)
    ]


def test_only_events_of_the_type_and_value_are_loaded():
    header = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\n"
    text = header + "u,a,1,click,5\nu,b,2,click,3.4\nu,c,3,view,5\nu,d,4,click,\n"
    table = read(text, schema=WITH_EVENTS)
    assert code_interactions(table, "click", 3.5).items == ["a"]
    assert sorted(code_interactions(table, "click", None).items) == ["a", "b", "d"]
