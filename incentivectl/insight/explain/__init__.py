"""Why a payee is paid what it is, down to the lines."""
