"""A construct with a machine of its own, whose name another stack uses, too."""

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from churn.request import RESOURCE, request


class Refinement(Construct):
    def __init__(self, scope, construct_id):
        super().__init__(scope, construct_id)
        refine = sfn.CustomState(
            self,
            "Refine",
            state_json={"Type": "Task", "Resource": RESOURCE, "Parameters": request("churn-refine", 30)},
        )
        shared = sfn.CustomState(
            self,
            "Shared",
            state_json={"Type": "Task", "Resource": RESOURCE, "Parameters": request("churn-shared", 30)},
        )
        body = sfn.DefinitionBody.from_chainable(refine.next(shared))
        sfn.StateMachine(self, "Search", definition_body=body)
