# Reads the output of go test -bench with -count and prints, for each benchmark,
# the median of every figure, one a line.
/^Benchmark/ {
	for (i = 3; i < NF; i += 2) {
		name = $1 "\t" $(i + 1)
		if (!(name in n)) order[++names] = name
		value[name, ++n[name]] = $i
	}
}
END {
	for (k = 1; k <= names; k++) {
		name = order[k]
		for (i = 1; i <= n[name]; i++) {
			sorted[i] = value[name, i] + 0
			for (j = i; j > 1 && sorted[j - 1] > sorted[j]; j--) {
				swap = sorted[j]; sorted[j] = sorted[j - 1]; sorted[j - 1] = swap
			}
		}
		middle = n[name] % 2 ? sorted[(n[name] + 1) / 2] : (sorted[n[name] / 2] + sorted[n[name] / 2 + 1]) / 2
		printf "%s\t%.4g\t(of %d)\n", name, middle, n[name]
	}
}
