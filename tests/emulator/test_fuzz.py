"""Requests that nobody would make: never a 5xx, never a change of the state by a refused call."""

import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import Emulator
from emulator.api.app import Dispatcher
from emulator.api.models import service_models

OPERATIONS = sorted(service_models().operations, key=lambda operation: operation.name)
PATHS = {operation.name: path for (_, path), operation in service_models().paths.items()}

strings = st.text(max_size=20) | st.sampled_from(
    [
        "",
        "s3://b/k/",
        "arn:aws:personalize:us-east-1:123456789012:solution/x/00000000",
        "arn:aws:personalize:us-east-1:123456789012:dataset-group/g",
        "arn:aws:personalize:eu-west-1:999999999999:dataset-group/g",
        "arn:aws:iam::123456789012:role/r",
        "arn:aws:personalize:::recipe/aws-hrnn",
        "Interactions",
    ]
)
scalars = st.none() | st.booleans() | st.integers(-5, 600) | st.floats(allow_nan=False) | strings
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(strings, inner, max_size=3)
)


def value_of(shape):
    """Mostly what the shape asks for, now and then anything."""
    kind = shape.type_name
    if kind == "structure":
        required = {
            name: st.deferred(lambda s=shape.members[name]: value_of(s)) for name in shape.required_members
        }
        optional = {
            name: st.deferred(lambda s=member: value_of(s))
            for name, member in shape.members.items()
            if name not in required
        }
        fitting = st.fixed_dictionaries(required, optional=optional)
    elif kind == "list":
        fitting = st.lists(value_of(shape.member), max_size=2)
    elif kind == "map":
        fitting = st.dictionaries(strings, value_of(shape.value), max_size=2)
    else:
        fitting = {
            "boolean": st.booleans(),
            "integer": st.integers(-1, 600),
            "long": st.integers(-1, 600),
            "float": st.floats(allow_nan=False, allow_infinity=False),
            "double": st.floats(allow_nan=False, allow_infinity=False),
            "timestamp": st.integers(0, 2_000_000_000),
        }.get(kind, strings | st.sampled_from(list(shape.metadata.get("enum", [])) or ["x"]))
    return st.one_of(fitting, fitting, fitting, anything)


@pytest.fixture(scope="module")
def dispatcher():
    def no_s3(_role):
        raise AssertionError("a refused call must not reach S3")

    emulator = Emulator(None, "123456789012", "us-east-1", no_s3)
    yield Dispatcher(emulator, None)
    emulator.close()


def answer(dispatcher, operation, body):
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": PATHS.get(operation.name, "/"),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    if not operation.rest:
        environ["HTTP_X_AMZ_TARGET"] = f"AmazonPersonalize.{operation.name}"
    return dispatcher.answer(environ)


def state(emulator):
    return list(emulator.store._connection.iterdump())


@given(data=st.data())
@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_breaks_the_emulator(dispatcher, data):
    operation = data.draw(st.sampled_from(OPERATIONS))
    body = data.draw(
        st.one_of(value_of(operation.input_shape).map(lambda v: json.dumps(v).encode()), st.binary())
    )
    before = state(dispatcher._emulator)
    response = answer(dispatcher, operation, body)
    assert response.status < 500
    if response.status != 200:
        assert state(dispatcher._emulator) == before
        document = json.loads(response.body)
        assert document["message"]
