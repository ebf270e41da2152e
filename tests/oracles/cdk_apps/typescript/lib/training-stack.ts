import * as cdk from 'aws-cdk-lib';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as cr from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { Refinement } from './refinement';
import { request } from './request';

const RESOURCE = 'arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync';

/** Searches for churn. The state of `new sfn.CustomState(this, 'Tune', …)` is a job. */
export class TrainingStack extends cdk.Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const coarse = new sfn.CustomState(this, 'TuneCoarse', {
      stateJson: { Type: 'Task', Resource: RESOURCE, Parameters: request('churn-coarse', 40) },
    });
    // const old = new sfn.CustomState(this, 'TuneOld', { stateJson: {} });
    const fine = new sfn.CustomState(
      this,
      "TuneFine",
      { stateJson: { Type: 'Task', Resource: RESOURCE, Parameters: request('churn-fine', 30) } },
    );
    new sfn.StateMachine(this, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(coarse.next(fine)) });

    // The states of an object are no constructs: only the machine is one.
    new sfn.CfnStateMachine(this, 'ObjectMachine', {
      roleArn: 'arn:aws:iam::111122223333:role/States',
      definition: {
        StartAt: 'TuneObject',
        States: {
          TuneObject: { Type: 'Task', Resource: RESOURCE, Parameters: request('churn-object', 30), End: true },
        },
      },
    });

    const call: cr.AwsSdkCall = {
      service: 'SageMaker',
      action: 'createHyperParameterTuningJob',
      parameters: request('churn-on-deploy', 30),
      physicalResourceId: cr.PhysicalResourceId.of('churn-on-deploy'),
    };
    new cr.AwsCustomResource(this, 'TuneOnDeploy', {
      onCreate: call,
      installLatestAwsSdk: false,
      policy: cr.AwsCustomResourcePolicy.fromSdkCalls({ resources: ['*'] }),
    });
    new scheduler.CfnSchedule(this, 'Nightly', {
      flexibleTimeWindow: { mode: 'OFF' },
      scheduleExpression: 'rate(1 day)',
      target: {
        arn: 'arn:aws:scheduler:::aws-sdk:sagemaker:createHyperParameterTuningJob',
        roleArn: 'arn:aws:iam::111122223333:role/Scheduler',
        input: JSON.stringify(request('churn-nightly', 30)),
      },
    });
    new Refinement(this, 'Refinement');
    for (const region of ['North', 'South']) {
      new cdk.CfnResource(this, `Tune${region}`, {
        type: 'AWS::SageMaker::HyperParameterTuningJob',
        properties: request(`churn-${region}`, 30),
      });
    }
  }
}
