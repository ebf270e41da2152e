"""The guard at the call: what is refused, what is sent, and what it says."""

from __future__ import annotations

import decimal
import json
import logging
import pickle
from pathlib import Path
from typing import Any

import boto3
import moto
import pytest
from botocore.exceptions import ParamValidationError
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

import hpolint.guard
from hpolint.guard.guarding import Guard
from hpolint.guard.sent_requests import as_source, fingerprint
from hpolint.model.node import plain
from tests.requests import sound, unbounded


def careless() -> dict[str, Any]:
    """A request with an error: its grid has a numeric range."""
    request = sound()
    config = request["HyperParameterTuningJobConfig"]
    config["Strategy"] = "Grid"
    config["ParameterRanges"] = {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}]}
    return request


def launch(client: Any, request: dict[str, Any]) -> None:
    """Send a request, as a program does."""
    client.create_hyper_parameter_tuning_job(**request)


def refused(client: Any, request: dict[str, Any]) -> hpolint.guard.Refused:
    """The refusal of a request."""
    with pytest.raises(hpolint.guard.Refused) as caught:
        launch(client, request)
    return caught.value


def pipeline(request: dict[str, Any]) -> dict[str, str]:
    """The parameters of CreatePipeline with a tuning step."""
    step = {"Name": "tune", "Type": "Tuning", "Arguments": request}
    definition = json.dumps({"Version": "2020-12-01", "Steps": [step]})
    arn = "arn:aws:iam::123456789012:role/Pipelines"
    return {"PipelineName": "p", "PipelineDefinition": definition, "ClientRequestToken": "t" * 32, "RoleArn": arn}


def test_a_job_with_an_error_is_refused_before_it_is_sent(client: Any, sent: list[Any]) -> None:
    """The exception has the findings and the caller's place, and its text shows the value in the request."""
    hpolint.guard.install()
    refusal = refused(client, careless())
    assert sent == []
    assert [each.rule.id for each in refusal.findings] == ["launch/grid-needs-categorical"]
    assert (refusal.file, refusal.line) == (__file__, launch.__code__.co_firstlineno + 2)
    assert '"Strategy": "Grid"' in str(refusal)
    assert "test_guard.py:" in str(refusal).splitlines()[0]


def test_a_notebook_shows_a_refusal_in_the_words_of_the_card(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the job costs at worst stands above its findings. The job is refused though this cannot be computed."""
    hpolint.guard.install()
    table = refused(client, careless())._repr_html_()
    assert table.index("was not sent") < table.index("≤ ") < table.index("Worst case: every trial")
    assert table.index("Worst case: every trial") < table.index("launch/grid-needs-categorical")
    monkeypatch.setattr("hpolint.cost.job_size.estimate", lambda *_: 1 / 0)
    assert "Worst case" not in refused(client, careless())._repr_html_()


def test_a_job_without_one_is_sent_unchanged(client: Any, sent: list[Any]) -> None:
    """Whatever the guard looks at, it changes nothing."""
    launch(client, sound())
    hpolint.guard.install()
    launch(client, sound())
    assert sent[0] == sent[1] == sound()


def test_clients_are_guarded_whenever_they_are_made(client: Any, sent: list[Any]) -> None:
    """Those from before, those of a session from before, and those of new sessions; twice installed is once."""
    session = boto3.Session()
    hpolint.guard.install()
    guard = hpolint.guard.install()
    for each in (client, session.client("sagemaker"), boto3.Session().client("sagemaker")):
        refused(each, careless())
    assert (sent, len(guard.calls)) == ([], 3)


def test_nothing_is_left_after_uninstall(client: Any, sent: list[Any]) -> None:
    """Neither in clients from before and during the guard, nor in new sessions."""
    hpolint.guard.uninstall()  # without a guard, it does nothing
    hpolint.guard.install()
    during = boto3.Session().client("sagemaker")
    hpolint.guard.uninstall()
    for each in (client, during, boto3.Session().client("sagemaker")):
        launch(each, careless())
    assert len(sent) == 3


def test_what_a_later_handler_changes_is_judged(client: Any, sent: list[Any]) -> None:
    """The request is judged as it is sent, and only once if nothing has changed it."""
    guard = hpolint.guard.install()
    launch(client, sound())
    assert len(guard.calls) == 1

    def make_careless(params: dict[str, Any], **_: Any) -> None:
        params |= careless()

    client.meta.events.register_last("before-parameter-build.sagemaker.CreateHyperParameterTuningJob", make_careless)
    refused(client, sound())
    assert len(sent) == 1


def test_other_operations_are_not_judged(client: Any, sent: list[Any]) -> None:
    """A call that launches nothing is sent without a look at it."""
    guard = hpolint.guard.install()
    client.list_hyper_parameter_tuning_jobs()
    assert (len(sent), len(guard.calls)) == (1, 0)


def test_a_stubbed_client_is_guarded(client: Any) -> None:
    """botocore's Stubber answers before the request is built for sending."""
    hpolint.guard.install()
    with Stubber(client) as stubber:
        stubber.add_response("create_hyper_parameter_tuning_job", {"HyperParameterTuningJobArn": "arn:aws:x"})
        refused(client, careless())


def test_a_mocked_account_is_guarded(sent: list[Any]) -> None:
    """moto answers the requests that are sent; a refused one does not reach it."""
    hpolint.guard.install()
    with moto.mock_aws():
        client = boto3.client("sagemaker")
        refused(client, careless())
        launch(client, sound())
        listed = client.list_hyper_parameter_tuning_jobs()["HyperParameterTuningJobSummaries"]
    assert [each["HyperParameterTuningJobName"] for each in listed] == ["example"]


def test_a_warning_is_a_notice(client: Any, sent: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    """It is printed once for each place, and the job is sent; with a lower threshold it is refused."""
    request = unbounded(MaxNumberOfTrainingJobs=100, MaxParallelTrainingJobs=50)
    del request["TrainingJobDefinition"]["EnableManagedSpotTraining"]
    del request["TrainingJobDefinition"]["StoppingCondition"]["MaxWaitTimeInSeconds"]
    hpolint.guard.install()
    for _ in range(2):
        launch(client, request)
    printed = capsys.readouterr().err
    assert len(sent) == 2
    assert printed.count("CreateHyperParameterTuningJob is not refused, with ") == 1
    assert "  warning[" in printed
    hpolint.guard.install(refuse="warning")
    refused(client, request)


def test_a_warning_guard_refuses_nothing(client: Any, sent: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    """It prints what it would have refused."""
    hpolint.guard.install(mode="warn")
    launch(client, careless())
    assert len(sent) == 1
    assert "error[launch/grid-needs-categorical]" in capsys.readouterr().err


def test_a_program_allows_a_rule(client: Any, sent: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    """By id or name, with a reason that is logged, within the statement only."""
    hpolint.guard.install()
    with caplog.at_level(logging.WARNING), hpolint.guard.allow("grid-needs-categorical", reason="a test of ours"):
        launch(client, careless())
    assert len(sent) == 1
    assert "launch/grid-needs-categorical is allowed: a test of ours" in caplog.text
    refused(client, careless())


@pytest.mark.parametrize(
    ("rules", "reason", "said"),
    [((), "why", "takes the rules"), (("launch/grid-needs-categorical",), " ", "reason"), (("nil",), "why", "`nil`")],
)
def test_an_exemption_names_rules_and_a_reason(sent: list[Any], rules: tuple[str, ...], reason: str, said: str) -> None:
    """Otherwise it is an error of the program."""
    hpolint.guard.install()
    with pytest.raises(ValueError, match=said), hpolint.guard.allow(*rules, reason=reason):
        pass


def test_a_locked_rule_cannot_be_allowed(client: Any, sent: list[Any], tmp_path: Path) -> None:
    """The report says that it is locked, and offers no way around it."""
    (tmp_path / "policy.toml").write_text('[rules."launch/grid-needs-categorical"]\nlocked = true\n')
    guard = hpolint.guard.install(policy="policy.toml")
    assert "policy.toml" in repr(guard)
    with hpolint.guard.allow("launch/grid-needs-categorical", reason="no"):
        refusal = refused(client, careless())
    assert "locked by the organisation" in str(refusal)
    assert "allow(" not in str(refusal)


@pytest.mark.parametrize(
    "options", [{"policy": "missing.toml"}, {"config": "broken.toml"}, {"refuse": "errors"}, {"settings": [1]}]
)
def test_an_installation_that_fails_refuses(
    client: Any, sent: list[Any], tmp_path: Path, options: dict[str, Any]
) -> None:
    """``install`` raises, and as long as the guard is not installed well or uninstalled, every job is refused."""
    (tmp_path / "broken.toml").write_text("select = 3\n")
    with pytest.raises((hpolint.guard.ConfigError, ValueError, TypeError)):
        hpolint.guard.install(**options)
    assert str(next(iter(options.values()))) in str(refused(client, sound()))
    hpolint.guard.install()
    launch(client, sound())
    assert len(sent) == 1


def test_the_configuration_is_read_once(client: Any, sent: list[Any], tmp_path: Path) -> None:
    """What changes after ``install`` has no effect, and neither has another working folder."""
    (tmp_path / "hpolint.toml").write_text('ignore = ["launch/grid-needs-categorical"]\n')
    guard = hpolint.guard.install()
    assert "hpolint.toml" in repr(guard)
    (tmp_path / "hpolint.toml").write_text("")
    launch(client, careless())
    assert len(sent) == 1


def test_an_internal_error_lets_a_job_through(
    client: Any, sent: list[Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a warning: a fault of hpolint's stops nobody's work. If a rule is locked, the job is refused."""

    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("out of order")

    guard = hpolint.guard.install()
    monkeypatch.setattr(Guard, "_judged", fail)
    launch(client, sound())
    assert "RuntimeError: out of order" in capsys.readouterr().err
    Path("policy.toml").write_text('[rules."launch/grid-needs-categorical"]\nlocked = true\n')
    hpolint.guard.install(policy="policy.toml")
    assert "out of order" in str(refused(client, sound()))
    assert (len(sent), len(guard.calls)) == (1, 0)


def test_a_removed_working_folder_stops_no_launch(
    client: Any, sent: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths cannot be made relative then, and nothing else of a job depends on it."""
    hpolint.guard.install()
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    launch(client, sound())
    assert len(sent) == 1


def test_values_that_json_lacks_are_botocores_to_judge(client: Any, sent: list[Any]) -> None:
    """The guard raises nothing about them: botocore's own message is the one that helps."""
    hpolint.guard.install()
    for value in (decimal.Decimal(3), None, {1}):
        request = sound()
        request["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxParallelTrainingJobs"] = value
        with pytest.raises(ParamValidationError):
            launch(client, request)


def test_the_tuning_steps_of_a_pipeline_are_judged(client: Any, sent: list[Any]) -> None:
    """When it is created or updated; an update of something else is sent as it is."""
    hpolint.guard.install()
    client.create_pipeline(**pipeline(sound()))
    client.update_pipeline(PipelineName="p", PipelineDescription="new")
    with pytest.raises(hpolint.guard.Refused, match="CreatePipeline") as caught:
        client.create_pipeline(**pipeline(careless()))
    assert "step `tune`" in str(caught.value)
    with pytest.raises(hpolint.guard.Refused, match="UpdatePipeline"):
        client.update_pipeline(PipelineName="p", PipelineDefinition=pipeline(careless())["PipelineDefinition"])
    assert len(sent) == 2


def test_a_pipeline_in_s3_is_said_to_be_unjudged(
    client: Any, sent: list[Any], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It is refused only if the settings demand a decision."""
    parameters: dict[str, Any] = pipeline(sound())
    del parameters["PipelineDefinition"]
    parameters["PipelineDefinitionS3Location"] = {"Bucket": "bucket", "ObjectKey": "p.json"}
    hpolint.guard.install()
    client.create_pipeline(**parameters)
    assert (
        "CreatePipeline is not judged: the pipeline's definition in s3://bucket/p.json is not read"
        in capsys.readouterr().err
    )
    (tmp_path / "hpolint.toml").write_text('[undecided]\n"launch/grid-needs-categorical" = "error"\n')
    hpolint.guard.install()
    with pytest.raises(hpolint.guard.Refused, match="demand a decision of launch/grid-needs-categorical"):
        client.create_pipeline(**parameters)
    assert len(sent) == 1


def test_a_refusal_goes_to_another_process(client: Any) -> None:
    """As pools of processes send exceptions: with its text and place, without the job."""
    hpolint.guard.install()
    refusal = refused(client, careless())
    copy = pickle.loads(pickle.dumps(refusal))
    assert (str(copy), copy.file, copy.line, copy.findings) == (str(refusal), refusal.file, refusal.line, ())


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text() | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*sound(), "Other"]), VALUES, max_size=4))
def test_any_parameters_can_be_judged(parameters: dict[str, Any]) -> None:
    """Whatever a program passes, the guard has no fault of its own."""
    from hpolint.config.lookup import CheckOptions
    from hpolint.guard.callers import Caller
    from hpolint.guard.sent_requests import read_parameters

    guard = Guard(CheckOptions(isolated=True), "error", "refuse")
    guard._read_configuration()
    source, reading = read_parameters("CreateHyperParameterTuningJob", {**sound(), **parameters})
    _, errors = guard._judged("CreateHyperParameterTuningJob", Caller("<none>"), [], source, reading)
    assert errors == []


JSON = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(JSON)
def test_values_are_read_as_they_are(value: Any) -> None:
    """The tree that is judged has the values of the call, and no placeholder is filled in."""
    _, tree = as_source("<request>", value)
    assert plain(tree) == value
    assert fingerprint(value) == fingerprint(json.loads(json.dumps(value)))
