"""Every letter we write: one function per occasion, all in the same form."""
