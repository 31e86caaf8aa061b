"""Where the raw data lies and which columns it has."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer

from config.base import SettingsModel

COLUMNS = "Columns, in Personalize's Avro dialect."

PrimitiveType = Literal["float", "double", "int", "long", "string", "boolean", "null"]

AVRO_NAMES = {"interactions": "Interactions", "items": "Items", "users": "Users"}
"""Record name that Personalize wants in the schema of each dataset."""

NUMBERS = ("float", "double", "int", "long")

RESERVED_COLUMNS = frozenset(
    {
        *("USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE", "IMPRESSION", "RECOMMENDATION_ID"),
        *("EVENT_ATTRIBUTION_SOURCE", "CREATION_TIMESTAMP"),
    }
)
"""Columns to which the service gives a meaning of its own."""

LOCATION = (
    "Prefix that holds the CSV or Parquet files, ending in `/`: a key prefix in the data bucket, or "
    "`s3://bucket/prefix/` elsewhere."
)


def _as_tuple(value: Any) -> Any:
    """One type alone is a list of one; pydantic checks the entries."""
    if isinstance(value, list):
        return tuple(value)
    return (value,) if isinstance(value, str) else value


def _as_avro(types: tuple[PrimitiveType, ...]) -> str | list[str]:
    """The other way round."""
    return types[0] if len(types) == 1 else list(types)


class AvroField(SettingsModel):
    """One column, as Personalize's Avro dialect describes it."""

    model_config = ConfigDict(serialize_by_alias=True)

    name: str = Field(description="Column name, as in the header of the files.")
    type: Annotated[tuple[PrimitiveType, ...], BeforeValidator(_as_tuple), PlainSerializer(_as_avro)] = Field(
        min_length=1,
        max_length=2,
        description='A primitive type, or a list such as `["null", "string"]` where values may be missing.',
    )
    categorical: bool | None = Field(
        default=None, description="Text column is a category (or several, by `|`)."
    )
    textual: bool | None = Field(
        default=None, description="Text column is free text (items only, at most one)."
    )
    item_name: bool | None = Field(
        default=None, alias="itemName", description="Text column is the item's name (items only)."
    )

    @property
    def value_type(self) -> PrimitiveType:
        """The type of the values that are there."""
        return next((part for part in self.type if part != "null"), "null")

    @property
    def trains(self) -> bool:
        """Whether it is metadata that training uses: a number, a category or a text, and no reserved column."""
        if self.name in RESERVED_COLUMNS:
            return False
        return self.value_type in NUMBERS or bool(self.categorical or self.textual)

    @property
    def nullable(self) -> bool:
        """Whether a row may leave the column empty."""
        return "null" in self.type


class AvroSchema(SettingsModel):
    """The columns of a dataset. The envelope is filled in when left out."""

    type: Literal["record"] = Field(default="record", description="Always `record`.")
    name: str | None = Field(
        default=None, description="Record name; filled in from the dataset (`Interactions`) when left out."
    )
    namespace: Literal["com.amazonaws.personalize.schema"] = Field(
        default="com.amazonaws.personalize.schema", description="The namespace that the service wants."
    )
    fields: tuple[AvroField, ...] = Field(min_length=1, description="The columns, in any order.")
    version: Literal["1.0"] = Field(default="1.0", description="Always `1.0`.")

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(field.name for field in self.fields)

    def field(self, name: str) -> AvroField | None:
        """The column of this name, if there is one."""
        return next((field for field in self.fields if field.name == name), None)

    def avro_record(self, dataset: str) -> dict[str, Any]:
        """The complete Avro record of a dataset (`interactions`, `items`, `users`) for CreateSchema."""
        return {
            "type": "record",
            "name": self.name or AVRO_NAMES[dataset],
            "namespace": self.namespace,
            "fields": [
                field.model_dump(mode="json", by_alias=True, exclude_none=True) for field in self.fields
            ],
            "version": self.version,
        }


class DatasetSettings(SettingsModel):
    """One dataset: its files and its columns."""

    location: str = Field(description=LOCATION)
    avro_schema: AvroSchema = Field(alias="schema", description=COLUMNS)


def interactions_schema() -> AvroSchema:
    """The columns that every interactions dataset must have."""
    return AvroSchema(
        fields=(
            AvroField(name="USER_ID", type=("string",)),
            AvroField(name="ITEM_ID", type=("string",)),
            AvroField(name="TIMESTAMP", type=("long",)),
        )
    )


class InteractionsSettings(DatasetSettings):
    """Who did something with which item, and when. Without a schema: the three required columns."""

    avro_schema: AvroSchema = Field(
        alias="schema",
        default_factory=interactions_schema,
        description=COLUMNS,
    )


def items_schema() -> AvroSchema:
    """Columns of items that fit MovieLens: genres train, the title is only shown."""
    return AvroSchema(
        fields=(
            AvroField(name="ITEM_ID", type=("string",)),
            AvroField(name="TITLE", type=("null", "string")),
            AvroField(name="GENRES", type=("null", "string"), categorical=True),
        )
    )


class ItemsSettings(DatasetSettings):
    """What the items are: attributes that training uses, and titles that reports show."""

    avro_schema: AvroSchema = Field(
        alias="schema",
        default_factory=items_schema,
        description="Columns, in Personalize's Avro dialect. A text column that is neither categorical nor "
        "textual is not trained on: TITLE is such a one, and reports show it.",
    )


def users_schema() -> AvroSchema:
    """Columns of users that fit MovieLens-100K."""
    return AvroSchema(
        fields=(
            AvroField(name="USER_ID", type=("string",)),
            AvroField(name="AGE", type=("int",)),
            AvroField(name="GENDER", type=("string",), categorical=True),
            AvroField(name="OCCUPATION", type=("string",), categorical=True),
        )
    )


class UsersSettings(DatasetSettings):
    """Who the users are."""

    avro_schema: AvroSchema = Field(
        alias="schema",
        default_factory=users_schema,
        description=COLUMNS,
    )
