"""Where everything comes together: settings, addresses, home, commands."""
