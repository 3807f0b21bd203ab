"""The publish checks of a flow, one module a subject; `app.flows.check` runs them all."""
