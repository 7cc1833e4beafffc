"""What a step of a workflow can do, a file each; `registry.py` lists them."""
