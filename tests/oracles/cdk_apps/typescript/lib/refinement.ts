import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { request } from './request';

/** A construct with a machine of its own, whose name another stack uses, too. */
export class Refinement extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const refine = new sfn.CustomState(this, 'Refine', {
      stateJson: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync',
        Parameters: request('churn-refine', 30),
      },
    });
    const shared = new sfn.CustomState(this, 'Shared', {
      stateJson: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync',
        Parameters: request('churn-shared', 30),
      },
    });
    new sfn.StateMachine(this, 'Search', { definitionBody: sfn.DefinitionBody.fromChainable(refine.next(shared)) });
  }
}
