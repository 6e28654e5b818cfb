"""Who is behind: the matrix of planned and done, the board before the deadline, the first page of each role."""
