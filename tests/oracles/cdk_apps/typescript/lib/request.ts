/** The request of a tuning job: on GPUs that XGBoost does not use, and without Spot capacity. */
export function request(name: string, maxJobs: number): { [key: string]: any } {
  return {
    HyperParameterTuningJobName: name,
    HyperParameterTuningJobConfig: {
      Strategy: 'Bayesian',
      HyperParameterTuningJobObjective: { Type: 'Maximize', MetricName: 'validation:auc' },
      ResourceLimits: { MaxNumberOfTrainingJobs: maxJobs, MaxParallelTrainingJobs: 20 },
      ParameterRanges: {
        ContinuousParameterRanges: [{ Name: 'eta', MinValue: '0.0001', MaxValue: '0.5', ScalingType: 'Linear' }],
      },
    },
    TrainingJobDefinition: {
      StaticHyperParameters: { num_round: '100', eval_metric: 'auc', objective: 'binary:logistic' },
      AlgorithmSpecification: {
        TrainingImage: '683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1',
        TrainingInputMode: 'File',
      },
      RoleArn: 'arn:aws:iam::111122223333:role/Training',
      OutputDataConfig: { S3OutputPath: 's3://churn/models' },
      ResourceConfig: { InstanceType: 'ml.p3.2xlarge', InstanceCount: 1, VolumeSizeInGB: 30 },
      StoppingCondition: { MaxRuntimeInSeconds: 3600 },
    },
  };
}
