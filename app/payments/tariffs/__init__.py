"""What using something costs: tariffs, what they measure, what comes of them, what is told beforehand."""
