"""Creates a stack in moto's CloudFormation, updates it with another template, and deletes it. Reads {"before", "after",
"bucket", "key"} as JSON, the last two naming the asset of the functions; prints what there was after each step: resources by
type, the documents, what of the policies of roles names them, and which types moto does not know."""

import json
import logging
import sys
import warnings

import boto3
from moto import mock_aws

given = json.load(sys.stdin)
unknown = set()
warnings.showwarning = lambda message, *_: unknown.add(str(message))


class Unknown(logging.Handler):
    def emit(self, record):
        unknown.add(record.getMessage())


logging.getLogger().addHandler(Unknown())
REGION = "eu-west-1"


def for_moto(template):
    """What moto 5.2 fails at: it reads tags of keys by the names of KMS and not by CloudFormation's, and knows no aliases of
    functions, to which it therefore gives no name, nor the ARN of an alarm, of which the dashboard is made."""
    template = json.loads(template)
    for name, resource in list(template["Resources"].items()):
        if resource["Type"] == "AWS::KMS::Key":
            resource["Properties"].pop("Tags", None)
        if resource["Type"] == "AWS::CloudWatch::Dashboard":
            del template["Resources"][name]
        if resource["Type"] == "AWS::Lambda::Alias":
            del template["Resources"][name]
            arn = f"arn:aws:lambda:{REGION}:123456789012:function:{name}:live"
            template = json.loads(json.dumps(template).replace(json.dumps({"Ref": name}), json.dumps(arn)))
            for each in template["Resources"].values():
                after = each.get("DependsOn", [])
                each["DependsOn"] = [other for other in ([after] if isinstance(after, str) else after) if other != name]
    return json.dumps(template)


def state(cloudformation, name):
    ssm, iam, s3 = (boto3.client(each, region_name=REGION) for each in ("ssm", "iam", "s3"))
    resources = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    types = {}
    for resource in resources:
        types.setdefault(resource.get("ResourceType", "?"), []).append(resource.get("LogicalResourceId", "?"))
    documents = ssm.list_documents(Filters=[{"Key": "Owner", "Values": ["Self"]}])["DocumentIdentifiers"]
    roles = [role["RoleName"] for role in iam.list_roles()["Roles"]]
    policies = "".join(
        json.dumps(iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"])
        for role in roles
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]
    )
    return {
        "types": {name: sorted(ids) for name, ids in sorted(types.items())},
        "documents": sorted(document["Name"] for document in documents),
        "permitted": sorted(document["Name"] for document in documents if document["Name"] in policies),
        "roles": sorted(roles),
        "buckets": sorted(bucket["Name"] for bucket in s3.list_buckets()["Buckets"]),
        "status": cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"],
    }


with mock_aws(config={"lambda": {"use_docker": False}}):
    boto3.client("s3", region_name=REGION).create_bucket(
        Bucket=given["bucket"], CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    boto3.client("s3", region_name=REGION).put_object(Bucket=given["bucket"], Key=given["key"], Body=b"PK\x05\x06" + b"\0" * 18)
    boto3.client("ssm", region_name=REGION).put_parameter(Name="/cdk-bootstrap/hnb659fds/version", Value="99", Type="String")
    cloudformation = boto3.client("cloudformation", region_name=REGION)
    common = {"StackName": "kubevigil", "Capabilities": ["CAPABILITY_NAMED_IAM"]}
    cloudformation.create_stack(TemplateBody=for_moto(given["before"]), **common)
    states = [state(cloudformation, "kubevigil")]
    cloudformation.update_stack(TemplateBody=for_moto(given["after"]), **common)
    states.append(state(cloudformation, "kubevigil"))
    cloudformation.delete_stack(StackName="kubevigil")
    left = {
        "documents": [
            document["Name"]
            for document in boto3.client("ssm", region_name=REGION).list_documents(
                Filters=[{"Key": "Owner", "Values": ["Self"]}]
            )["DocumentIdentifiers"]
        ],
        "roles": [role["RoleName"] for role in boto3.client("iam").list_roles()["Roles"]],
        "buckets": [bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]],
    }

print(json.dumps({"states": states, "left": left, "unknown": sorted(unknown)}))
