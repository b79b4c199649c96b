"""cfn-lint, which is no module that Python runs by its name."""

from cfnlint.runner import main

main()
