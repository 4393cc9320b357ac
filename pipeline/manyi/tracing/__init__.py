"""Where a number of the appendix or report comes from: result table, function, answers, files."""
