module kubectl-flux-arc/tests/cluster/standin

go 1.26
