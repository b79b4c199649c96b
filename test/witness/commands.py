"""Parses commands of the AWS CLI as the CLI does and holds their parameters against botocore's service models, without
sending anything. Reads a list of argument lists as JSON; prints, for each, null or what is wrong with it."""

import contextlib
import io
import json
import sys

import awscli.clidriver
from awscli.customizations.cloudformation.deploy import DeployCommand
from awscli.customizations.cloudformation.package import PackageCommand
from awscli.customizations.s3 import subcommands as s3
from botocore.validate import ParamValidator

def problem_in(session, service, operation, parameters):
    model = session.get_service_model(service).operation_model(operation)
    if model.input_shape is None:
        return None
    report = ParamValidator().validate(parameters, model.input_shape)
    return report.generate_report() if report.has_errors() else None


def problem_of(arguments):
    output = io.StringIO()
    driver = awscli.clidriver.create_clidriver()
    seen = []

    def invoke(self, service_name, operation_name, parameters, _):
        seen.append(problem_in(self._session, service_name, operation_name, parameters))
        return 0

    def transfer(self, parsed_args, parsed_globals):
        # `aws s3 cp` and its like are no operations: their own options were parsed, and which paths they take is checked here.
        try:
            s3.CommandParameters(self.NAME, vars(parsed_args), self.USAGE).check_path_type(parsed_args.paths)
            seen.append(None)
        except (TypeError, ValueError) as error:
            seen.append(str(error))
        return 0

    def deploy(self, parsed_args, parsed_globals):
        # `aws cloudformation deploy` and `package` are no operations either, and would read the template.
        seen.append(None)
        return 0

    awscli.clidriver.CLIOperationCaller.invoke = invoke
    DeployCommand._run_main = deploy
    PackageCommand._run_main = deploy
    s3.S3TransferCommand._run_main = transfer
    with contextlib.redirect_stderr(output), contextlib.redirect_stdout(output):
        try:
            driver.main(arguments)
        except SystemExit:
            pass
    return seen[0] if seen else output.getvalue().strip() or "it is no operation"


print(json.dumps([problem_of(arguments) for arguments in json.load(sys.stdin)]))
