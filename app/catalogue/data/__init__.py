"""Facts shipped with the application: the communes of France. Who published them is in README.md."""
