"""What a flow is: definition, node types, the pure engine, the sandbox."""
