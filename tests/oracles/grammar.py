"""Programs that launch a tuner, put together at random: argument styles, detours, mutation, branches."""

from __future__ import annotations

import random
from collections.abc import Callable

HEAD = """import copy, os
import sagemaker
from sagemaker import image_uris
from sagemaker.estimator import Estimator
from sagemaker.tuner import (
    CategoricalParameter, ContinuousParameter, HyperbandStrategyConfig, HyperparameterTuner, IntegerParameter,
    StrategyConfig, TuningJobCompletionCriteriaConfig, WarmStartConfig, WarmStartTypes,
)
role = "arn:aws:iam::123456789012:role/service-role/Tuning"
image = image_uris.retrieve("xgboost", "us-east-1", "1.7-1")
"""
NAMES = ("eta", "alpha", "lambda", "gamma", "subsample", "max_depth", "num_round", "booster", "min_child_weight")
NUMBERS = ("0.1", "1e-5", "0.5", "1", "100", "10 ** -3", "2 * 0.25", "-0.5", "0.30000000000000004", "1_000")
COUNTS = ("1", "2", "5", "10", "4 * 6", "100 // 7", "2 ** 3", "int('12')", "len([1, 2, 3])")


HEAD3 = """import copy, os
from sagemaker.core.parameter import CategoricalParameter, ContinuousParameter, IntegerParameter
from sagemaker.core.shapes import (
    BestObjectiveNotImproving, ConvergenceDetected, HyperbandStrategyConfig, HyperParameterTuningJobStrategyConfig,
    HyperParameterTuningJobWarmStartConfig, ParentHyperParameterTuningJob, TuningJobCompletionCriteria,
)
from sagemaker.core.training.configs import CheckpointConfig, Compute, InputData, OutputDataConfig, StoppingCondition
from sagemaker.train.model_trainer import ModelTrainer
from sagemaker.train.tuner import HyperparameterTuner
role = "arn:aws:iam::123456789012:role/service-role/Tuning"
image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/own:1"
"""


class Program:
    """One program while it grows; the same seed gives the same text."""

    head = HEAD

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._name = f"job-{seed}"
        self._lines: list[str] = []
        self._fresh = 0

    def text(self) -> str:
        """The whole program."""
        self._estimator()
        self._ranges()
        self._tuner()
        self._afterwards()
        self._launch()
        return self.head + "\n".join(self._lines) + "\n"

    def _pick(self, *choices: str) -> str:
        return self._random.choice(choices)

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _variable(self, value: str) -> str:
        """The value itself, or one of the detours that people take to it."""
        self._fresh += 1
        name = f"v{self._fresh}"
        detours: list[Callable[[], str]] = [
            lambda: value,
            lambda: self._line(f"{name} = {value}") or name,
            lambda: self._line(f"{name} = {{'a': {value}, 'b': 3}}") or f"{name}['a']",
            lambda: self._line(f"{name} = [0, {value}]") or f"{name}[1]",
            lambda: self._line(f"{name}, _ = {value}, 1") or name,
            lambda: self._line(f"def {name}(x=None):\n    return {value}") or f"{name}()",
            lambda: self._line(f"{name} = lambda x: x") or f"{name}({value})",
            lambda: self._line(f"{name} = {value} if True else 7") or name,
            lambda: (
                self._line(f"{name} = 7\nif not os.path.sep == 'x':\n    {name} = {value}\nelse:\n    {name} = 8")
                or name
            ),
            lambda: self._line(f"{name} = {value}\nif os.environ.get('NEVER'):\n    {name} = 9") or name,
            lambda: self._line(f"{name} = dict(a={value})\n{name}.update(b=1)") or f"{name}.get('a')",
            lambda: self._line(f"class {name}:\n    x = {value}") or f"{name}.x",
            lambda: self._line(f"try:\n    {name} = {value}\nexcept ValueError:\n    {name} = 0") or name,
            lambda: self._line(f"for {name} in [{value}]:\n    pass") or name,
            lambda: self._line(f"{name} = copy.deepcopy([{value}])") or f"{name}[0]",
            lambda: (
                self._line(f"class C{name}:\n    def __init__(self, x):\n        self.x = x\n        if len('ab') > 5:")
                or self._line("            self.x = 0\n    def get(self):\n        return self.x")
                or f"C{name}({value}).get()"
            ),
            lambda: (
                self._line(f"def {name}(x):\n    if os.environ.get('NEVER'):\n        return 9\n    return x")
                or f"{name}({value})"
            ),
            lambda: self._line(f"{name} = []\nfor x in [{value}]:\n    {name}.append(x)") or f"{name}[-1]",
            lambda: self._line(f"{name} = [x for x in ({value},) if True]") or f"{name}[0]",
            lambda: (
                self._line(f"{name} = {{'a': {{'b': 0}}}}\n_ = {name}['a']\n_['b'] = {value}") or f"{name}['a']['b']"
            ),
            lambda: (
                self._line(f"{name} = {{'x': 0}}\ndef set_{name}(d, value={value}):\n    d['x'] = value")
                or self._line(f"set_{name}({name})")
                or f"{name}['x']"
            ),
        ]
        return self._random.choice(detours)()

    def _line(self, text: str) -> str:
        self._lines += text.split("\n")
        return ""

    def _arguments(self, given: dict[str, str]) -> str:
        """Keyword arguments as they are, or some of them through a spread dict."""
        if given and self._chance(0.3):
            self._fresh += 1
            cut = self._random.randrange(len(given) + 1)
            rest = dict(list(given.items())[cut:])
            how = self._pick("display", "dict", "merged")
            name = f"kw{self._fresh}"
            display = "{" + ", ".join(f"{key!r}: {value}" for key, value in rest.items()) + "}"
            if how == "dict":
                self._line(f"{name} = dict({', '.join(f'{k}={v}' for k, v in rest.items())})")
            elif how == "merged":
                self._line(f"{name} = {{**{display}, **{{}}}}")
            else:
                self._line(f"{name} = {display}")
            plain = [f"{key}={value}" for key, value in list(given.items())[:cut]]
            return ", ".join([*plain, f"**{name}"])
        return ", ".join(f"{key}={value}" for key, value in given.items())

    def _estimator(self) -> None:
        given = {
            "instance_count": self._variable(self._pick("1", "2")),
            "instance_type": self._variable("'ml.m5.large'"),
        }
        optional = {
            "max_run": self._variable(self._pick("3600", "24 * 3600", "600")),
            "volume_size": self._variable("50"),
            "use_spot_instances": self._pick("True", "False"),
            "max_wait": self._pick("7200", "None"),
            "output_path": "'s3://bucket/out'",
            "hyperparameters": "{'num_round': 50, 'objective': 'reg:linear', 'eta': 0.2}",
            "max_retry_attempts": "2",
            "checkpoint_s3_uri": "'s3://bucket/check'",
            "input_mode": "'Pipe'",
            "train_max_run": "1800",
        }
        given |= {key: value for key, value in optional.items() if self._chance(0.3)}
        self._line(f"est = Estimator(image, role, {self._arguments(given)})")
        if self._chance(0.5):
            values = {"num_round": self._pick("10", "'20'"), "verbosity": "1", "flag": "True"}
            self._line(f"est.set_hyperparameters({self._arguments(values)})")

    def _range(self, name: str) -> str:
        if name == "booster":
            values = self._pick(
                "['gbtree', 'dart']", "['a', 1, True]", "[str(i) for i in range(3)]", "list(('x', 'y'))"
            )
            return f"CategoricalParameter({self._variable(values)})"
        low, high = self._variable(self._pick(*NUMBERS)), self._variable(self._pick(*NUMBERS))
        cls = self._pick("ContinuousParameter", "IntegerParameter")
        scale = self._pick(
            "", ", 'Linear'", ", scaling_type='Logarithmic'", ", scaling_type=" + self._variable("'Auto'")
        )
        if self._chance(0.2):
            return f"{cls}(max_value={high}, min_value={low}{scale if 'scaling' in scale else ''})"
        return f"{cls}({low}, {high}{scale})"

    def _ranges(self) -> None:
        names = self._random.sample(NAMES, self._random.randint(1, 5))
        made = {name: self._range(name) for name in names}
        how = self._pick("display", "items", "update", "function", "comprehension", "pop")
        display = "{" + ", ".join(f"{name!r}: {value}" for name, value in made.items()) + "}"
        if how == "items":
            self._line("ranges = {}")
            for name, value in made.items():
                self._line(f"ranges[{name!r}] = {value}")
        elif how == "update":
            self._line(f"ranges = dict()\nranges.update({display})")
        elif how == "function":
            self._line(f"def make_ranges(unused=1):\n    found = {display}\n    return found\nranges = make_ranges()")
        elif how == "comprehension":
            self._line("ranges = {n: ContinuousParameter(a, b) for n, a, b in [('eta', 0.1, 0.5), ('alpha', 0, 2)]}")
        else:
            self._line(f"ranges = {display}")
            if how == "pop":
                first = names[0]
                self._line(f"ranges['renamed'] = ranges.pop({first!r})")

    def _tuner(self) -> None:
        positional = ["est", self._variable("'validation:rmse'"), self._variable("ranges")]
        names = ["estimator", "objective_metric_name", "hyperparameter_ranges"]
        by_place = self._random.randint(0, 3)
        given = dict(zip(names[by_place:], positional[by_place:], strict=True))
        optional = {
            "strategy": self._pick("'Random'", "'Bayesian'", "'Grid'"),
            "objective_type": self._variable("'Minimize'"),
            "max_jobs": self._variable(self._pick(*COUNTS)),
            "max_parallel_jobs": self._variable(self._pick(*COUNTS)),
            "max_runtime_in_seconds": "9000",
            "early_stopping_type": self._pick("'Auto'", "'Off'"),
            "random_seed": self._pick("0", "7"),
            "metric_definitions": "[{'Name': 'validation:rmse', 'Regex': 'rmse=(.*)'}]",
            "warm_start_config": "WarmStartConfig(WarmStartTypes.TRANSFER_LEARNING, {'parent'})",
            "completion_criteria_config": "TuningJobCompletionCriteriaConfig(complete_on_convergence=True)",
            "strategy_config": "StrategyConfig(HyperbandStrategyConfig(max_resource=10, min_resource=1))",
            "tags": "[{'Key': 'a', 'Value': 'b'}]",
        }
        given |= {key: value for key, value in optional.items() if self._chance(0.4)}
        if given.get("strategy") == "'Grid'" and "max_jobs" not in given:
            given["max_jobs"] = "4"
        arguments = ", ".join(filter(None, [*positional[:by_place], self._arguments(given)]))
        how = self._pick("plain", "plain", "function", "with", "method")
        if how == "function":
            self._line(f"def build():\n    t = HyperparameterTuner({arguments})\n    return t\ntuner = build()")
        elif how == "method":
            self._line("class Holder:\n    def __init__(self, t):\n        self.t = t")
            self._line("    def get(self):\n        return self.t")
            self._line(f"tuner = Holder(HyperparameterTuner({arguments})).get()")
        elif how == "with":
            self._line(
                f"import contextlib\nwith contextlib.suppress(KeyError):\n    tuner = HyperparameterTuner({arguments})"
            )
        else:
            self._line(f"tuner = HyperparameterTuner({arguments})")

    def _afterwards(self) -> None:
        changes = (
            "for each in (est, est):\n    each.max_run = 777",
            "def bump(t):\n    if os.environ.get('NEVER'):\n        t.max_jobs = 5\n        return\n    t.max_jobs = 4",
            "bump = lambda t: setattr(t, 'max_jobs', 2)\nbump(tuner)",
            "either = tuner if os.environ.get('NEVER') else est\neither.tags = None",
            "tuner.estimator.instance_count = 5",
            "est.hyperparameters()['inside'] = 1",
            "(tuner if len('a') == 1 else est).max_parallel_jobs = 2",
            "list(map(lambda k: ranges.update({k: IntegerParameter(5, 6)}), ['mapped']))",
            "tuner.max_jobs = 6",
            "tuner.early_stopping_type = 'Auto'",
            "ranges['late'] = IntegerParameter(1, 3)",
            "est.set_hyperparameters(late_static=1)",
            "est.max_run = 999",
            "if os.environ.get('NEVER'):\n    tuner.max_parallel_jobs = 3",
            "if len('ab') == 2:\n    tuner.max_parallel_jobs = 3",
            "alias = tuner\nalias.objective_type = 'Maximize'",
            "for key in ['x', 'y']:\n    ranges[key] = IntegerParameter(1, 2)",
            "print(ranges)",
        )
        for change in changes:
            if self._chance(0.15):
                self._line(change)

    def _launch(self) -> None:
        inputs = self._pick("{'train': 's3://bucket/train'}", "'s3://bucket/train'", "inputs={'a': 's3://bucket/a'}")
        call = f"tuner.fit({inputs}, job_name={self._name!r})"
        guarded = f"if __name__ == '__main__':\n    {call}"
        self._line(self._pick(call, guarded, f"def main():\n    {call}\nmain()"))


class Program3(Program):
    """A program for version 3: a ModelTrainer, and the API's shapes."""

    head = HEAD3

    def _estimator(self) -> None:
        compute = {
            "instance_type": self._variable("'ml.m5.large'"),
            "instance_count": self._variable(self._pick("1", "2", "'3'")),
            "volume_size_in_gb": self._pick("50", "40.0"),
            "enable_managed_spot_training": self._pick("True", "False", "'yes'"),
        }
        compute = {key: value for key, value in compute.items() if self._chance(0.7)}
        stopping = {
            "max_runtime_in_seconds": self._variable(self._pick("3600", "24 * 3600")),
            "max_wait_time_in_seconds": "90000",
            "max_pending_time_in_seconds": "8000",
        }
        stopping = {key: value for key, value in stopping.items() if self._chance(0.5)}
        optional = {
            "compute": f"Compute({self._arguments(compute)})",
            "stopping_condition": self._pick(
                f"StoppingCondition({self._arguments(stopping)})", "{'max_runtime_in_seconds': 600}"
            ),
            "hyperparameters": "{'num_round': 50, 'objective': 'reg:linear', 'eta': 0.2}",
            "output_data_config": "OutputDataConfig(s3_output_path='s3://bucket/out')",
            "checkpoint_config": "CheckpointConfig(s3_uri='s3://bucket/check')",
            "environment": self._pick("{'A': 'b'}", "{}"),
            "training_input_mode": "'Pipe'",
        }
        given = {"training_image": "image", "role": "role"}
        given |= {key: value for key, value in optional.items() if self._chance(0.5)}
        if "compute" not in given:  # the tuner reads the trainer's own, whatever it is
            given["compute"] = "Compute()"
        self._line(f"est = ModelTrainer({self._arguments(given)})")

    def _tuner(self) -> None:
        positional = ["est", self._variable("'validation:rmse'"), self._variable("ranges")]
        names = ["model_trainer", "objective_metric_name", "hyperparameter_ranges"]
        by_place = self._random.randint(0, 3)
        given = dict(zip(names[by_place:], positional[by_place:], strict=True))
        parents = "[ParentHyperParameterTuningJob(hyper_parameter_tuning_job_name='parent')]"
        optional = {
            "strategy": self._pick("'Random'", "'Bayesian'", "'Grid'"),
            "objective_type": self._variable("'Minimize'"),
            "max_jobs": self._variable(self._pick(*COUNTS, "'5'")),
            "max_parallel_jobs": self._variable(self._pick(*COUNTS)),
            "max_runtime_in_seconds": self._pick("9000", "0"),
            "early_stopping_type": self._pick("'Auto'", "'Off'"),
            "random_seed": self._pick("0", "7"),
            "metric_definitions": self._pick("[{'Name': 'validation:rmse', 'Regex': 'rmse=(.*)'}]", "[]"),
            "warm_start_config": "HyperParameterTuningJobWarmStartConfig("
            f"parent_hyper_parameter_tuning_jobs={parents}, warm_start_type='TransferLearning')",
            "completion_criteria_config": "TuningJobCompletionCriteria("
            "convergence_detected=ConvergenceDetected(complete_on_convergence='Enabled'), "
            f"target_objective_metric_value={self._pick('0', '1', '0.5')})",
            "strategy_config": "HyperParameterTuningJobStrategyConfig("
            "hyperband_strategy_config=HyperbandStrategyConfig(min_resource=1, max_resource=10))",
            "tags": "[{'Key': 'a', 'Value': 'b'}]",
        }
        given |= {key: value for key, value in optional.items() if self._chance(0.4)}
        arguments = ", ".join(filter(None, [*positional[:by_place], self._arguments(given)]))
        if self._chance(0.3):
            self._line(f"def build():\n    t = HyperparameterTuner({arguments})\n    return t\ntuner = build()")
        else:
            self._line(f"tuner = HyperparameterTuner({arguments})")

    def _afterwards(self) -> None:
        changes = (
            "tuner.max_jobs = 6",
            "tuner.early_stopping_type = 'Auto'",
            "ranges['late'] = IntegerParameter(1, 3)",
            "est.training_input_mode = 'FastFile'",
            "est.compute.instance_count = 4",
            "tuner.model_trainer.compute = Compute(instance_type='ml.c5.xlarge')",
            "if os.environ.get('NEVER'):\n    tuner.max_parallel_jobs = 3",
            "for key in ['x', 'y']:\n    ranges[key] = IntegerParameter(1, 2)",
        )
        for change in changes:
            if self._chance(0.15):
                self._line(change)

    def _launch(self) -> None:
        inputs = self._pick(
            "{'train': 's3://bucket/train'}",
            "'s3://bucket/train'",
            "inputs=[InputData(channel_name='train', data_source='s3://bucket/train')]",
        )
        call = f"tuner.tune({inputs}, job_name={self._name!r})"
        self._line(self._pick(call, f"def main():\n    {call}\nmain()"))


def program(seed: int) -> str:
    """A program of version 2, or of the SDK's version 1 where it is the same."""
    return Program(seed).text()


def program3(seed: int) -> str:
    """A program of version 3."""
    return Program3(seed).text()
