"""Holds requests against botocore's service models: reads a list of [service, operation, parameters] as JSON; prints, for each,
null or what is wrong with it. Parameters null: only the operation is looked for."""

import json
import sys

import botocore.session
from botocore.validate import ParamValidator

session = botocore.session.get_session()


def problem_of(service, operation, parameters):
    model = session.get_service_model(service)
    if operation not in model.operation_names:
        return f"{service} has no {operation}"
    shape = model.operation_model(operation).input_shape
    if parameters is None or shape is None:
        return None
    unknown = set(parameters) - set(shape.members)
    if unknown:
        return f"{service} {operation} has no {', '.join(sorted(unknown))}"
    report = ParamValidator().validate(parameters, shape)
    return report.generate_report() if report.has_errors() else None


print(json.dumps([problem_of(*request) for request in json.load(sys.stdin)]))
