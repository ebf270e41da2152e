"""Scripts that write to S3, and whether all trials write there under one address."""

from __future__ import annotations

import json

import pytest

from hpolint.model.training_script import AddressPart, SharedObject
from tests.conftest import Command
from tests.script.test_arguments import read

SCRIPT = """\
import argparse, io, json, os, subprocess, tarfile, time
import boto3, joblib, pandas as pd, s3fs, torch
from datetime import datetime
from sagemaker.s3 import S3Uploader
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler
parser = argparse.ArgumentParser()
parser.add_argument("--alpha", type=float)
parser.add_argument("--bucket", default="b")
parser.add_argument("--folder")
parser.add_argument("--job", default=os.environ.get("TRAINING_JOB_NAME"))
args = parser.parse_args()
s3 = boto3.client("s3")
data = pd.read_csv("/opt/ml/input/data/training/train.csv")
scaler = StandardScaler().fit(data)
model = Ridge(args.alpha).fit(scaler.transform(data), data["y"])
metrics = {"r2": model.score(data, data["y"])}
joblib.dump(model, "model.joblib")
"""
UPLOAD = 's3.upload_file("model.joblib", "b", "k/model.joblib")'


def objects(text: str) -> tuple[SharedObject, ...]:
    """The objects that a script writes in each run."""
    return read(SCRIPT + text).folders.objects


def addresses(text: str) -> list[str]:
    """Their addresses, with the parts that are no literals in braces."""
    return ["".join(_text(part) for part in written.address) for written in objects(text)]


def _text(part: str | AddressPart) -> str:
    return part if isinstance(part, str) else f"{{{part.text}}}"


@pytest.mark.parametrize(
    "text",
    [
        UPLOAD,
        's3.upload_file(Filename="model.joblib", Bucket="b", Key="k/model.joblib")',
        's3.upload_fileobj(open("model.joblib", "rb"), "b", "k/model.joblib")',
        'with open("model.joblib", "rb") as f:\n    s3.upload_fileobj(f, "b", "k/model.joblib")',
        's3.put_object(Bucket="b", Key="k/model.joblib", Body=json.dumps(metrics))',
        's3.put_object(Bucket="b", Key="k/model.joblib", Body=open("model.joblib", "rb"))',
        'f = io.BytesIO()\njoblib.dump(model, f)\ns3.put_object(Bucket="b", Key="k/model.joblib", Body=f.getvalue())',
        'boto3.resource("s3").Bucket("b").upload_file("model.joblib", "k/model.joblib")',
        'bucket = boto3.resource("s3").Bucket("b")\nbucket.put_object(Key="k/model.joblib", Body=str(metrics))',
        'boto3.resource("s3").Object("b", "k/model.joblib").upload_file("model.joblib")',
        'boto3.resource("s3").Object("b", "k/model.joblib").put(Body=json.dumps(metrics))',
        'boto3.resource("s3").Bucket("b").Object("k/model.joblib").put(Body=json.dumps(metrics))',
        'S3Uploader.upload("model.joblib", "s3://b/k")',
        'S3Uploader.upload_string_as_file_body(json.dumps(metrics), "s3://b/k/model.joblib")',
        'pd.DataFrame([metrics]).to_csv("s3://b/k/model.joblib", index=False)',
        'with s3fs.S3FileSystem().open("s3://b/k/model.joblib", "wb") as f:\n    joblib.dump(model, f)',
        'fs = s3fs.S3FileSystem()\nwith fs.open("b/k/model.joblib", "wb") as f:\n    joblib.dump(model, f)',
        'os.system("aws s3 cp model.joblib s3://b/k/model.joblib")',
        'os.system("aws s3 cp --quiet model.joblib s3://b/k/")',
        'subprocess.run(["aws", "s3", "cp", "model.joblib", "s3://b/k/model.joblib"], check=True)',
        'path = "model.joblib"\nsubprocess.run(f"aws s3 cp {path} s3://b/k/model.joblib", shell=True)',
    ],
)
def test_each_way_to_write_an_object(text: str) -> None:
    """A model or metric under a written address is found, whatever library writes it."""
    assert addresses(text) == ["s3://b/k/model.joblib"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (
            'key = f"k/{args.folder}/m"\ns3.upload_file("model.joblib", args.bucket, key)',
            "{args.bucket}/k/{args.folder}/m",
        ),
        ('s3.upload_file("model.joblib", "b", os.path.join(args.folder, "m"))', "b/{args.folder}/m"),
        ('s3.upload_file("model.joblib", "b", "%s/m" % args.folder)', "b/{args.folder}/m"),
        ('s3.upload_file("model.joblib", "b", "{}/m".format(args.folder))', "b/{args.folder}/m"),
        ('s3.upload_file("model.joblib", "b", "/".join(["k", "m"]))', "b/k/m"),
        ('s3.upload_file("model.joblib", "b", args.folder.strip("/") + "/m")', "b/{args.folder.strip('/')}/m"),
        ('c = json.load(open("c.json"))\ns3.upload_file("model.joblib", c["bucket"], "m")', "{c['bucket']}/m"),
        ('import sagemaker\nb = sagemaker.Session().default_bucket()\ns3.upload_file("model.joblib", b, "m")', None),
    ],
)
def test_an_address_of_options(text: str, address: str | None) -> None:
    """An address that is the same for the same options is found, as the script writes it."""
    assert addresses(text) == [f"s3://{address or '{sagemaker.Session().default_bucket()}/m'}"]


@pytest.mark.parametrize(
    "key",
    [
        "f\"{os.environ['TRAINING_JOB_NAME']}/m\"",
        "f\"{os.getenv('FOLDER', 'k')}/m\"",
        'json.loads(os.environ["SM_TRAINING_ENV"])["job_name"] + "/m"',
        'f"{datetime.now():%Y%m%d}/m"',
        'f"k/{time.time()}"',
        'f"{args.job}/m"',
        "f\"k/{metrics['r2']}\"",
        "name",
        "c['run'] + '/m'",
        "d['run'] + '/m'",
        "str(uuid.uuid4())",
        "args.unknown",
    ],
)
def test_an_address_that_may_differ(key: str) -> None:
    """What comes from the environment, the time, a random number, a metric or an unknown place may differ."""
    configurations = """def start(config):
    config["run"] = time.time()
c = json.load(open("c.json"))
d = json.load(open("d.json"))
c.update(run=time.time())
start(d)
"""
    assert addresses(f'{configurations}s3.upload_file("model.joblib", "b", {key})') == []


@pytest.mark.parametrize(
    "text",
    [
        'data.to_csv("d.csv")\ns3.upload_file("d.csv", "b", "d.csv")',
        'joblib.dump(scaler, "s.joblib")\ns3.upload_file("s.joblib", "b", "s.joblib")',
        's3.upload_file("other.csv", "b", "other.csv")',
        's3.put_object(Bucket="b", Key="k", Body="done")',
        's3.put_object(Bucket="b", Key="k", Body=args.folder.encode())',
    ],
)
def test_a_content_that_no_tuned_hyperparameter_decides(text: str) -> None:
    """A split of the data, a fitted scaler and an unknown file are not said to differ between trials."""
    assert "alpha" not in [name for written in objects(text) for name in written.origins]


@pytest.mark.parametrize(
    "text",
    [
        f"if args.folder:\n    {UPLOAD}",
        f"if metrics['r2'] > 0.9:\n    {UPLOAD}",
        f"for name in os.listdir('.'):\n    {UPLOAD}",
        f"try:\n    print()\nexcept OSError:\n    {UPLOAD}",
        f"def finish():\n    {UPLOAD}",
        f"def finish():\n    if not args.folder:\n        return\n    {UPLOAD}\nfinish()",
        f"class Saver:\n    def on_end(self):\n        {UPLOAD}\n",
        f"if args.folder:\n    exit()\n{UPLOAD}",
        f"on_end = lambda: {UPLOAD}",
        f"args.folder and {UPLOAD}",
    ],
)
def test_a_call_that_a_run_may_not_come_to(text: str) -> None:
    """Only what each run of the script does is reported: not a branch, a callback or an uncalled function."""
    assert addresses(text) == []


@pytest.mark.parametrize(
    "text",
    [
        f"try:\n    {UPLOAD}\nexcept OSError:\n    print('failed')",
        f"if __name__ == '__main__':\n    {UPLOAD}",
        f"if os.path.exists('model.joblib'):\n    {UPLOAD}",
        f"for epoch in range(3):\n    {UPLOAD}",
        f"for epoch in range(3):\n    if epoch > 1:\n        break\n{UPLOAD}",
        """def save(model, key):
    joblib.dump(model, "/tmp/m")
    s3.upload_file("/tmp/m", "b", key)
save(model, "k/model.joblib")""",
        """def save(path, bucket="b", *, folder="k"):
    s3.upload_file(path, bucket, f"{folder}/{path}")
def main():
    save("model.joblib")
main()""",
        """with tarfile.open("m.tar", "w") as tar:
    tar.add("model.joblib")
s3.upload_file("m.tar", "b", "k/model.joblib")""",
        """with open("m.json", "w") as f:
    json.dump(metrics, f)
s3.upload_file("m.json", "b", "k/model.joblib")""",
        """rows = []
rows.append(metrics["r2"])
s3.put_object(Bucket="b", Key="k/model.joblib", Body=str(rows))""",
        """net = torch.nn.Linear(1, 1)
def fit(net):
    torch.optim.SGD(net.parameters(), lr=args.alpha).step()
fit(net)
torch.save(net.state_dict(), "n.pt")
s3.upload_file("n.pt", "b", "k/model.joblib")""",
    ],
)
def test_the_way_to_a_call(text: str) -> None:
    """A call is followed through functions and their arguments, and its content through files and names."""
    assert addresses(text) == ["s3://b/k/model.joblib"]


def test_each_call_of_a_helper_has_its_own_address_and_content() -> None:
    """A function that uploads a file is judged for each of its calls: here the scaler is the same in each trial."""
    helper = "def up(thing, key):\n    s3.put_object(Bucket='b', Key=key, Body=pickle.dumps(thing))\n"
    text = helper + "up(scaler, 'scaler.pkl')\nup(model, 'model.pkl')\nup(model, str(time.time()))"
    assert addresses(text) == ["s3://b/model.pkl"]


@pytest.mark.parametrize(
    ("text", "is_updated"),
    [
        ("old = pd.read_csv('s3://b/r.csv')\npd.concat([old, pd.DataFrame([metrics])]).to_csv('s3://b/r.csv')", True),
        ("s3.download_file('b', 'r.csv', 'r.csv')\ns3.put_object(Bucket='b', Key='r.csv', Body=str(metrics))", True),
        (
            """fs = s3fs.S3FileSystem()
rows = fs.open("s3://b/r.csv").read() + str(metrics)
fs.open("s3://b/r.csv", "w").write(rows)""",
            True,
        ),
        (
            "s3.download_file('b', 'data.csv', 'r.csv')\ns3.put_object(Bucket='b', Key='r.csv', Body=str(metrics))",
            False,
        ),
        ("s3.get_object(Bucket='b', Key=key)\ns3.put_object(Bucket='b', Key='r.csv', Body=str(metrics))", None),
        (
            "s3.get_object(Bucket='b', Key=f'{key}.json')\ns3.put_object(Bucket='b', Key='r.csv', Body=str(metrics))",
            False,
        ),
    ],
)
def test_an_object_that_the_script_reads(text: str, is_updated: bool | None) -> None:
    """A script that reads the object updates it; one that may read it under an unknown address is not judged."""
    assert [written.is_updated for written in objects(text)] == ([] if is_updated is None else [is_updated])


@pytest.mark.parametrize(
    "line",
    [
        "s3.delete_object(Bucket='b', Key='k')",
        "s3.put_bucket_versioning(Bucket='b')",
        "other = boto3.client('s3', endpoint_url='http://localhost:9000')",
        "s3.put_object(Bucket='b', Key='other', Body='', IfNoneMatch='*')",
    ],
)
def test_an_object_that_may_not_stay_or_not_be_shared(line: str) -> None:
    """A script that deletes objects, keeps their versions, has another store or writes only under a condition."""
    assert addresses(UPLOAD)
    assert addresses(f"{UPLOAD}\n{line}") == []


def test_the_methods_of_the_scripts_own_functions_are_no_uploads() -> None:
    """A function of the script that has the name of a method of boto3 may do anything."""
    assert addresses(f"class Store:\n    def upload_file(self, *names):\n        pass\ns3 = Store()\n{UPLOAD}") == []


LAUNCH = """\
from sagemaker.sklearn import SKLearn
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
est = SKLearn("train.py", role="r", instance_type="ml.m5.large", framework_version="1.2-1", hyperparameters=HYPER)
HyperparameterTuner(est, "m", {"TUNED": ContinuousParameter(0.1, 0.2)}, max_jobs=JOBS).fit()
"""


@pytest.mark.parametrize(
    ("hyper", "tuned", "jobs", "address"),
    [
        ('{"folder": "f"}', "alpha", "8", "s3://b/f/m"),
        ('{"folder": folder}', "alpha", "8", "s3://b/{args.folder}/m"),
        ('{"folder": "f", "bucket": "c"}', "alpha", "8", "s3://c/f/m"),
        ("{}", "alpha", "8", None),
        ('{"folder": "f"}', "folder", "8", None),
        ('{"folder": "f"}', "buck", "8", None),
        ('{"folder": "f"}', "gamma", "8", None),
        ('{"folder": "f"}', "alpha", "1", None),
    ],
)
def test_the_hyperparameters_of_the_job_decide(
    hpolint: Command, hyper: str, tuned: str, jobs: str, address: str | None
) -> None:
    """Static values and defaults complete the address. One that is tuned, or has no value, is not the same."""
    launch = LAUNCH.replace("HYPER", hyper).replace("TUNED", tuned).replace("JOBS", jobs)
    key = 's3.upload_file("model.joblib", args.bucket, f"{args.folder}/m")'
    hpolint.write("tune.py", f"folder = input()\n{launch}")
    hpolint.write("train.py", SCRIPT + key)
    report = json.loads(hpolint("check", "tune.py", "--select", "trials-share-an-object", "-o", "json").stdout)
    messages = [finding["message"][0] for finding in report["findings"]]
    expected = [] if address is None else [f"All trials write to the same object in S3: `{address}`"]
    assert messages == expected


def test_names_that_stand_for_each_other() -> None:
    """A circle of names, calls or arguments ends: nothing is known of them."""
    circle = "def up(x, y):\n    up(y, x)\n    s3.upload_file(x, 'b', c['k'])\nx = y\ny = x\nc = d\nd = c\nup(x, y)\n"
    assert addresses(f"{circle}s3.upload_file(x, 'b', c['k'])\ns3.upload_file(x, 'b', y)") == []


def test_a_text_that_doubles_with_each_line() -> None:
    """A key that is longer than any in S3 is not written out."""
    doubled = "k0 = 'kk'\n" + "".join(f"k{number + 1} = k{number} + k{number}\n" for number in range(14))
    assert addresses(f"{doubled}s3.upload_file('model.joblib', 'b', k14)") == []


def test_a_long_report_leaves_the_later_writes_known() -> None:
    """However many lines a script writes to one file, what it writes to the next one is followed, too."""
    report = "with open('r.txt', 'w') as f:\n" + "    f.write(str(metrics))\n" * 12
    text = f"{report}s3.upload_file('r.txt', 'b', 'r.txt')\n{UPLOAD}"
    assert addresses(text) == ["s3://b/r.txt", "s3://b/k/model.joblib"]
