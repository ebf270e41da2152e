"""The shapes of the request: what stands at a path, and under a name."""

from __future__ import annotations

import pytest

from hpolint import schema

CONFIG, DEFINITION = "HyperParameterTuningJobConfig", "HyperParameterTrainingJobDefinition"


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ((), schema.REQUEST),
        ((CONFIG,), CONFIG),
        ((CONFIG, "Strategy"), "HyperParameterTuningJobStrategyType"),
        ((CONFIG, "Unheard"), None),
        ((CONFIG, "Unheard", "Strategy"), None),
        ((CONFIG, 0), None),
        (("Tags",), "TagList"),
        (("Tags", 0), "Tag"),
        (("Tags", 7, "Key"), "TagKey"),
        (("Tags", "Key"), None),
        (("TrainingJobDefinition", "StaticHyperParameters", "anything"), "HyperParameterValue"),
        (("TrainingJobDefinition", "StaticHyperParameters", "anything", "more"), None),
        (("TrainingJobDefinitions", 0, "Environment", "A"), "HyperParameterTrainingJobEnvironmentValue"),
    ],
)
def test_the_shape_at_a_path(path: tuple[str | int, ...], shape: str | None) -> None:
    """Members by name, items by index, a map's values by any key; nothing where the API has nothing."""
    assert schema.shape_at(path) == shape


def test_a_shape_is_a_structure_a_list_or_a_map() -> None:
    """And has the others' parts not."""
    assert schema.members("Tag") == {"Key": "TagKey", "Value": "TagValue"}
    assert (schema.item("Tag"), schema.map_value("Tag")) == (None, None)
    assert (schema.members("TagList"), schema.item("TagList"), schema.map_value("TagList")) == ({}, "Tag", None)
    assert schema.map_value("HyperParameters") == "HyperParameterValue"
    assert (schema.members("HyperParameters"), schema.item("HyperParameters")) == ({}, None)
    assert (schema.members("TagKey"), schema.item("TagKey"), schema.map_value("TagKey")) == ({}, None, None)
    with pytest.raises(KeyError):
        schema.shape("Unheard")


def test_the_shapes_under_a_name() -> None:
    """In whatever structure it is a member, and of a list those of its items too."""
    assert schema.shapes_of("Tags") == {"TagList", "Tag"}
    assert schema.shapes_of("TrainingJobDefinition") == {DEFINITION}
    assert schema.shapes_of("TrainingJobDefinitions") == {"HyperParameterTrainingJobDefinitions", DEFINITION}
    assert schema.shapes_of("MinValue") == {"ParameterValue"}
    assert schema.shapes_of("Unheard") == frozenset()
    assert {"Tags", "Key", "Strategy"} <= schema.member_names()
    assert "TagKey" not in schema.member_names()


def test_the_linked_schema_has_each_shape_in_its_place() -> None:
    """Nothing is left to look up, and a shape that several members have is one."""
    linked = schema.linked_request_schema()
    definition = linked["properties"]["TrainingJobDefinition"]
    assert definition["properties"]["RoleArn"] == schema.shape("RoleArn")
    assert linked["properties"]["TrainingJobDefinitions"]["items"] is definition
    assert linked["required"] == schema.shape(schema.REQUEST)["required"]
    assert schema.linked_request_schema() is linked
