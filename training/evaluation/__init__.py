"""How good a network is: thresholds, intervals, slices, spoilt and attacked pictures, outliers."""
