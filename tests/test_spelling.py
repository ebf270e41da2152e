"""Messages about a Python source name the arguments that stand there, not the API's members."""

from __future__ import annotations

import pytest

from hpolint.readers.python.sdk.spelling import VERSION_2, VERSION_3, core
from hpolint.spelling import spelt, spelt_value


@pytest.mark.parametrize(
    ("sentence", "version_2", "version_3"),
    [
        (
            "Say `EnableManagedSpotTraining: true`, and give a MaxWaitTimeInSeconds",
            "Say `use_spot_instances=True`, and give a max_wait",
            "Say `enable_managed_spot_training=True`, and give a max_wait_time_in_seconds",
        ),
        (
            "`TrainingJobEarlyStoppingType: Auto`, not `StaticHyperParameters`",
            '`early_stopping_type="Auto"`, not `hyperparameters`',
            '`early_stopping_type="Auto"`, not `hyperparameters`',
        ),
        ("Strategy and a SageMakerRole", "Strategy and a SageMakerRole", "Strategy and a SageMakerRole"),
        ("`eta` of `validation:rmse`", "`eta` of `validation:rmse`", "`eta` of `validation:rmse`"),
        ("`MaxWaitTimeInSeconds: 3600`", "`max_wait=3600`", "`max_wait_time_in_seconds=3600`"),
    ],
)
def test_members_are_named_as_the_source_names_them(sentence: str, version_2: str, version_3: str) -> None:
    """In code with their values, in prose by themselves; ordinary words and hyperparameters stay."""
    assert spelt(sentence, VERSION_2) == version_2
    assert spelt(sentence, VERSION_3) == version_3
    assert spelt(sentence, {}) == sentence


def test_sagemaker_core_has_the_api_s_names_in_snake_case() -> None:
    """Acronyms included."""
    assert core()["VolumeSizeInGB"] == "volume_size_in_gb"
    assert core()["HyperParameterTuningJobConfig"] == "hyper_parameter_tuning_job_config"


def test_a_fix_is_told_so_that_it_can_be_pasted() -> None:
    """An argument with Python's value where the source is Python, the API's member elsewhere."""
    assert spelt_value("EnableManagedSpotTraining", True, VERSION_2) == "use_spot_instances=True"
    assert spelt_value("EnableManagedSpotTraining", True, {}) == "EnableManagedSpotTraining = true"
