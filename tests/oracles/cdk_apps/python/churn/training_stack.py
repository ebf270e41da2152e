"""Searches for churn. ``CustomState(self, "TuneCoarse")`` is a job."""

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import custom_resources as cr

from churn.refinement import Refinement
from churn.request import RESOURCE, request


class TrainingStack(cdk.Stack):
    def __init__(self, scope, construct_id, **kwargs):
        super().__init__(scope, construct_id, **kwargs)
        coarse = sfn.CustomState(
            self,
            "TuneCoarse",
            state_json={"Type": "Task", "Resource": RESOURCE, "Parameters": request("churn-coarse", 40)},
        )
        # fine = sfn.CustomState(self, "TuneFine", state_json={})
        fine = sfn.CustomState(
            self,
            "TuneFine",
            state_json={
                "Type": "Task",
                "Resource": RESOURCE,
                "Parameters": request("churn-fine", 30),
            },
        )
        body = sfn.DefinitionBody.from_chainable(coarse.next(fine))
        sfn.StateMachine(scope=self, id="Machine", definition_body=body)

        # The states of an object are no constructs: only the machine is one.
        tune = {"Type": "Task", "Resource": RESOURCE, "Parameters": request("churn-object", 30), "End": True}
        sfn.CfnStateMachine(
            self,
            "ObjectMachine",
            role_arn="arn:aws:iam::111122223333:role/States",
            definition={"StartAt": "TuneObject", "States": {"TuneObject": tune}},
        )

        call = cr.AwsSdkCall(
            service="SageMaker",
            action="createHyperParameterTuningJob",
            parameters=request("churn-on-deploy", 30),
            physical_resource_id=cr.PhysicalResourceId.of("churn-on-deploy"),
        )
        policy = cr.AwsCustomResourcePolicy.from_sdk_calls(resources=["*"])
        cr.AwsCustomResource(self, "TuneOnDeploy", on_create=call, install_latest_aws_sdk=False, policy=policy)
        Refinement(self, "Refinement")
        for region in ("North", "South"):
            cdk.CfnResource(
                self,
                f"Tune{region}",
                type="AWS::SageMaker::HyperParameterTuningJob",
                properties=request(f"churn-{region}", 30),
            )
