"""/api/v1: everything the screens do, for programs. Bearer tokens, JSON in and out, one OpenAPI document."""
