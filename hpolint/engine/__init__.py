"""Rules × jobs: the evaluation context of a job, the verdict of each rule on each subject, and joined findings."""
