import * as cdk from 'aws-cdk-lib';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { request } from './request';

/** A stack with names of another one. */
export class ReportingStack extends cdk.Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const name = 'TuneHidden';
    const hidden = new sfn.CustomState(this, name, {
      stateJson: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync',
        Parameters: request('report-hidden', 30),
      },
    });
    const shared = new sfn.CustomState(this, 'Shared', {
      stateJson: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync',
        Parameters: request('report-shared', 30),
      },
    });
    new sfn.StateMachine(this, 'Search', { definitionBody: sfn.DefinitionBody.fromChainable(hidden.next(shared)) });
  }
}
