"""Prints, for each resource type on standard input, the properties that CloudFormation cannot change without replacing the
resource: createOnlyProperties of the provider schemas that cfn-lint carries."""

import json
import sys

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

types = json.load(sys.stdin)
found = {}
for name in types:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", name).schema
    found[name] = [path.removeprefix("/properties/") for path in schema.get("createOnlyProperties", [])]
print(json.dumps(found))
