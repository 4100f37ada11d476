"""The subcommands of `banyan`, one module each."""
