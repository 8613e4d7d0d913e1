"""The shell of every page: guards, pages and fragments, error words, base form, security headers."""
