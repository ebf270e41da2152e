"""A stack with names of another one, and with a name that a variable holds."""

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as sfn

from churn.request import RESOURCE, request

NAME = "TuneHidden"


class ReportingStack(cdk.Stack):
    def __init__(self, scope, construct_id):
        super().__init__(scope, construct_id)
        hidden = sfn.CustomState(
            self,
            NAME,
            state_json={"Type": "Task", "Resource": RESOURCE, "Parameters": request("report-hidden", 30)},
        )
        shared = sfn.CustomState(
            self,
            "Shared",
            state_json={"Type": "Task", "Resource": RESOURCE, "Parameters": request("report-shared", 30)},
        )
        body = sfn.DefinitionBody.from_chainable(hidden.next(shared))
        sfn.StateMachine(self, "Search", definition_body=body)
