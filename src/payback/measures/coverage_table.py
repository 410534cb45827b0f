HELD: dict[str, dict[int, dict[str, int]]] = {}
