"""A portal's past, made up: its blueprint says what business it does, and the time that passes is lived through."""
