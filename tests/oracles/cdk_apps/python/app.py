import aws_cdk as cdk
from churn.reporting_stack import ReportingStack
from churn.training_stack import TrainingStack

app = cdk.App(outdir="cdk.out", analytics_reporting=False)
for name in ("Beta", "Prod"):
    stage = cdk.Stage(app, name)
    TrainingStack(stage, "Training")
    ReportingStack(stage, "Reporting")
app.synth()
