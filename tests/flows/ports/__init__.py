"""Every way out of every type of step, taken twice: in the sandbox and by the live product."""
