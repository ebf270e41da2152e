"""The channels of a definition, and what Amazon's own algorithm makes of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.facts.test_facts import binding, fact

XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
OLD_XGBOOST = "811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:1"
IMAGES = "811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1"
SEGMENTS = "685385470294.dkr.ecr.eu-west-1.amazonaws.com/semantic-segmentation:1"
SEQUENCES = "811284229777.dkr.ecr.us-east-1.amazonaws.com/seq2seq:1"
PLACES = "522234722520.dkr.ecr.us-east-1.amazonaws.com/forecasting-deepar:1"
FACTORS = "382416733822.dkr.ecr.us-east-1.amazonaws.com/factorization-machines:1"
FOREST = "382416733822.dkr.ecr.us-east-1.amazonaws.com/randomcutforest:1"
OWN = "111122223333.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"


def channel(name: str, content_type: str | None = None, kind: str = "S3Prefix", **members: Any) -> dict[str, Any]:
    """A channel with a name, a content type and a kind of data."""
    source = {"S3DataSource": {"S3DataType": kind, "S3Uri": members.pop("uri", "s3://bucket/data")}}
    typed = {} if content_type is None else {"ContentType": content_type}
    return {"ChannelName": name, "DataSource": source, **typed, **members}


def definition(image: str, *channels: dict[str, Any], mode: str = "File", **members: Any) -> dict[str, Any]:
    """A definition with an image and channels."""
    specification = {"TrainingImage": image, "TrainingInputMode": mode}
    return {"AlgorithmSpecification": specification, "InputDataConfig": list(channels), **members}


def of_definition(field: str, members: dict[str, Any]) -> Any:
    """A fact about the channels of the only definition."""
    (subject,) = binding(definition=members).subjects("training")
    return fact(subject, "inputs", field)


def of_input(field: str, members: dict[str, Any]) -> Any:
    """A fact about the first channel of the only definition."""
    return fact(binding(definition=members).subjects("channel")[0], "input", field)


IMAGE_CHANNELS = (channel("train", "application/x-image"), channel("validation", "application/x-image"))
MANIFESTS = (channel("train", kind="AugmentedManifestFile"), channel("validation", kind="AugmentedManifestFile"))


@pytest.mark.parametrize(
    ("members", "lacking", "extra"),
    [
        (definition(XGBOOST, channel("train")), [], []),
        (definition(XGBOOST, channel("train"), channel("code")), [], []),
        (definition(XGBOOST, channel("training")), ["train"], ["training"]),
        (definition(XGBOOST, channel("train"), channel("test")), [], ["test"]),
        (definition(XGBOOST), ["train"], []),
        (definition(OLD_XGBOOST, channel("train"), channel("test")), [], None),
        (definition(OLD_XGBOOST, channel("training")), ["train"], None),
        (definition(SEQUENCES, channel("train")), ["validation", "vocab"], None),
        (definition(IMAGES, *IMAGE_CHANNELS), ["train_lst", "validation_lst"], None),
        (definition(IMAGES, channel("train", "application/x-recordio")), ["validation"], None),
        (definition(IMAGES, channel("train", "application/jpeg"), channel("validation")), [], None),
        (
            definition(SEGMENTS, channel("train"), channel("validation")),
            ["train_annotation", "validation_annotation"],
            None,
        ),
        (definition(SEGMENTS, *MANIFESTS, mode="Pipe"), [], None),
        (definition(IMAGES, *MANIFESTS), [], None),
    ],
)
def test_an_algorithm_requires_channels_and_some_refuse_others(
    members: dict[str, Any], lacking: list[str], extra: list[str] | None
) -> None:
    """As its page or its container says; labels of single images lie in a channel beside them."""
    assert [of_definition("lacking", members), of_definition("extra", members)] == [lacking, extra]


@pytest.mark.parametrize(
    ("members", "lacking"),
    [
        (definition(OWN, channel("data")), None),
        (definition("sagemaker-xgboost:1.7-1", channel("data")), None),
        (definition(XGBOOST, channel("data"), StaticHyperParameters={"sagemaker_program": "a.py"}), None),
        (definition(OLD_XGBOOST, channel("data"), StaticHyperParameters={"sagemaker_program": "a.py"}), None),
        (definition(XGBOOST, channel("data"), Environment={"SAGEMAKER_PROGRAM": "a.py"}), None),
        (definition(XGBOOST, channel("data"), StaticHyperParameters="$STATIC"), "is the placeholder $STATIC"),
        (definition(OLD_XGBOOST, channel("data"), StaticHyperParameters="$STATIC"), "is the placeholder $STATIC"),
        (definition(XGBOOST, channel("$NAME")), "is the placeholder $NAME"),
        (
            definition("${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/kmeans:1", channel("data")),
            "contains the placeholder ${ACCOUNT}",
        ),
        (definition(IMAGES, channel("train", "$TYPE"), channel("validation")), "is the placeholder $TYPE"),
    ],
)
def test_nothing_is_required_of_what_may_be_a_script_or_somebody_s_own(
    members: dict[str, Any], lacking: str | None
) -> None:
    """Only Amazon's image in algorithm mode, with channels that are all known, is held to the algorithm's."""
    assert of_definition("lacking", members) == lacking


def test_inputs_that_are_unknown_are_not_missing() -> None:
    """A list of channels that the source does not determine may have any of them."""
    members = definition(XGBOOST)
    members["InputDataConfig"] = "$CHANNELS"
    assert of_definition("lacking", members) == "is the placeholder $CHANNELS"


@pytest.mark.parametrize(
    ("image", "mode", "content_type", "refused"),
    [
        (XGBOOST, "File", "text/csv", False),
        (XGBOOST, "File", "CSV; label_size=1", False),
        (XGBOOST, "File", "application/json", True),
        (XGBOOST, "File", None, False),
        (XGBOOST, "Pipe", "text/x-libsvm", True),
        (XGBOOST, "Pipe", None, True),
        (XGBOOST, "Pipe", "text/csv", False),
        (XGBOOST, "$MODE", "text/csv", "is the placeholder $MODE"),
        (XGBOOST, "File", "$TYPE", "is the placeholder $TYPE"),
        (OLD_XGBOOST, "File", "application/json", None),
        (OWN, "File", "application/json", None),
        (FACTORS, "File", "text/csv", True),
        (FACTORS, "File", None, None),
        (FACTORS, "File", "application/x-recordio-protobuf", None),
        (IMAGES, "File", "text/csv", True),
        (IMAGES, "File", "application/jpeg", None),
        (PLACES, "File", "text/csv", None),
    ],
)
def test_a_content_type_is_refused_by_what_certainly_cannot_read_it(
    image: str, mode: str, content_type: str | None, refused: bool | str | None
) -> None:
    """XGBoost's list is closed and its default known; of other algorithms only single types are known to be refused."""
    assert of_input("type_refused", definition(image, channel("train", content_type), mode=mode)) == refused


@pytest.mark.parametrize(
    ("image", "mode", "own", "refused"),
    [
        (PLACES, "Pipe", {}, True),
        (PLACES, "Pipe", {"InputMode": "File"}, False),
        (PLACES, "File", {"InputMode": "Pipe"}, True),
        (PLACES, "FastFile", {}, None),
        (PLACES, "$MODE", {}, "is the placeholder $MODE"),
        (XGBOOST, "Pipe", {}, None),
    ],
)
def test_a_mode_is_refused_by_what_reads_files_only(
    image: str, mode: str, own: dict[str, str], refused: bool | str | None
) -> None:
    """The channel's own mode counts before the definition's; of FastFile nothing is known."""
    assert of_input("mode_refused", definition(image, channel("train", **own), mode=mode)) == refused


@pytest.mark.parametrize(
    ("uri", "ending"),
    [
        ("s3://bucket/train.csv", ".csv"),
        ("s3://bucket/v1.2/train", None),
        ("s3://${BUCKET}/train.CSV", ".csv"),
        ("s3://bucket/train.${END}", "contains the placeholder ${END}"),
    ],
)
def test_the_end_of_an_address_tells_a_file(uri: str, ending: str | None) -> None:
    """Though its beginning is unknown; a dot in a folder is none."""
    assert of_input("file", definition(XGBOOST, channel("train", uri=uri))) == ending


def test_only_training_data_of_some_algorithms_has_no_labels() -> None:
    """Test data has them, and so has the data of all others."""
    assert of_input("unlabelled", definition(FOREST, channel("train"))) is True
    assert of_input("unlabelled", definition(FOREST, channel("test"))) is False
    assert of_input("unlabelled", definition(XGBOOST, channel("train"))) is False


TRAIN = channel("train", "text/csv")
ROWS = channel("validation", "text/csv")
MANIFEST = channel("train", kind="ManifestFile")
LABELS = (channel("train_annotation"), channel("validation_annotation"))


def objective(metric: str, *channels: dict[str, Any], image: str = XGBOOST) -> dict[str, Any]:
    """A definition with its own objective and with channels."""
    return definition(image, *channels, TuningObjective={"Type": "Minimize", "MetricName": metric})


def with_source(channel: dict[str, Any], **members: Any) -> dict[str, Any]:
    """A channel with further members of its source in S3."""
    return channel | {"DataSource": {"S3DataSource": channel["DataSource"]["S3DataSource"] | members}}


def in_file_system(name: str, path: str) -> dict[str, Any]:
    """A channel with a folder of a file system."""
    return {
        "ChannelName": name,
        "DataSource": {"FileSystemDataSource": {"FileSystemId": "fs-1", "DirectoryPath": path}},
    }


@pytest.mark.parametrize(
    ("members", "same"),
    [
        (objective("validation:rmse", TRAIN, ROWS), "validation"),
        (objective("validation:rmse", ROWS, TRAIN), "validation"),
        (objective("eval_loss", TRAIN, channel("dev", "text/csv"), image=OWN), "dev"),
        (objective("test:rmse", TRAIN, channel("test", "text/csv")), "test"),
        (objective("test:rmse", TRAIN, ROWS), None),
        (objective("rmse", TRAIN, ROWS), None),
        (objective("train:rmse", TRAIN, ROWS), None),
        (objective("validation:rmse", TRAIN), None),
        (objective("validation:rmse", TRAIN, channel("validation", "text/libsvm")), None),
        (objective("validation:rmse", TRAIN, channel("validation", "text/csv", uri="s3://bucket/data/")), None),
        (objective("validation:rmse", TRAIN, with_source(ROWS, S3DataType="ManifestFile")), None),
        (objective("validation:rmse", TRAIN, with_source(ROWS, S3DataDistributionType="ShardedByS3Key")), "validation"),
        (
            objective("validation:rmse", *(with_source(each, AttributeNames=["a"]) for each in (TRAIN, ROWS))),
            "validation",
        ),
        (
            objective(
                "validation:rmse", with_source(TRAIN, AttributeNames=["a"]), with_source(ROWS, AttributeNames=["b"])
            ),
            None,
        ),
        (objective("validation:rmse", in_file_system("train", "/a"), in_file_system("validation", "/a")), "validation"),
        (objective("validation:rmse", in_file_system("train", "/a"), in_file_system("validation", "/b")), None),
        (objective("validation:mIOU", *IMAGE_CHANNELS, *LABELS, image=SEGMENTS), "validation"),
        (objective("validation:mIOU", *IMAGE_CHANNELS, LABELS[0], image=SEGMENTS), None),
        (
            objective("validation:mIOU", *IMAGE_CHANNELS, LABELS[0], channel("validation_annotation", uri="s3://b/v")),
            None,
        ),
        (
            objective("validation:rmse", channel("train", uri="${A}"), channel("validation", uri="${B}")),
            "is the placeholder ${A}",
        ),
        (objective("validation:rmse", channel("train", uri="${A}/t"), channel("validation", uri="${A}/v")), None),
        (
            objective("validation:rmse", channel("train", uri="${A}"), channel("validation", "text/csv", uri="${B}")),
            None,
        ),
    ],
)
def test_validation_data_that_is_training_data(members: dict[str, Any], same: str | None) -> None:
    """Only channels with certainly the same data, of the phase that the objective names, and with labels of the same
    data are taken for one; addresses with different known ends differ."""
    assert of_definition("trained_on", members) == same
