import * as cdk from 'aws-cdk-lib';
import { ReportingStack } from '../lib/reporting-stack';
import { TrainingStack } from '../lib/training-stack';

const app = new cdk.App({ outdir: 'cdk.out', analyticsReporting: false });
for (const name of ['Beta', 'Prod']) {
  const stage = new cdk.Stage(app, name);
  new TrainingStack(stage, 'Training');
  new ReportingStack(stage, 'Reporting');
}
app.synth();
