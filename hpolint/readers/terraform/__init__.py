"""Terraform: the tuning job's own resource, and definitions of state machines and pipelines that others hold.

Read from ``.tf`` files, from ``.tf.json``, and from a plan (``terraform show -json``).
Source: hashicorp/terraform-provider-aws, ``aws_sfn_state_machine``, ``aws_sagemaker_pipeline``,
``aws_scheduler_schedule``, and what ``provider`` names.
"""
