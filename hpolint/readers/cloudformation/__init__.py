"""CloudFormation and SAM templates: resources that carry tuning jobs, intrinsic functions, and files beside them."""
