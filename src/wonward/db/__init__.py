"""The database: the bundled server, the connection and its transaction, locks and feed cursors."""
