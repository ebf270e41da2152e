"""Terraform: the tuning job resource, and definitions of state machines and pipelines in other resources and modules.

Read from ``.tf`` files, from ``.tf.json``, and from a plan (``terraform show -json``).
Source: hashicorp/terraform-provider-aws, ``aws_sfn_state_machine``, ``aws_sagemaker_pipeline``,
``aws_scheduler_schedule``, and the sources in ``provider``.
"""
