# Writes roles.json. Run beside holzinger1939.csv: Rscript roles.R
# The two schools of Holzinger and Swineford stand for two roles, the grade and the half-year of age for "schools".
suppressMessages({library(lavaan); library(jsonlite)})
hs <- read.csv("holzinger1939.csv")
hs <- hs[!is.na(hs$grade), ]
hs$unit <- paste0(hs$grade, ifelse(hs$agemo < 6, "a", "b"))
textual <- "textual =~ x4 + x5 + x6"
visual <- "visual =~ x1 + x2 + x3"
of <- function(model, equal = "", partial = "") {
  # nlminb calls a search that cannot get lower a failure: the strictest tolerance at which it is content.
  for (tolerance in 10^-(14:10)) {
    control <- list(rel.tol = tolerance, eval.max = 50000, iter.max = 50000)
    fit <- suppressWarnings(cfa(
      model, hs, group = "school", group.equal = equal, group.partial = partial, std.lv = TRUE, control = control
    ))
    if (lavInspect(fit, "converged")) return(fit)
  }
  stop("not converged: ", model)
}
steps <- function(model, partial) {
  fits <- list(
    configural = of(model), metric = of(model, "loadings"), scalar = of(model, c("loadings", "intercepts")),
    partial = of(model, c("loadings", "intercepts"), partial)
  )
  named <- c("chisq", "df", "cfi", "rmsea", "srmr", "aic", "bic")
  list(
    fit = lapply(fits, function(fit) as.list(fitMeasures(fit, named))),
    means = lapply(fits[c("scalar", "partial")], function(fit) {
      table <- parameterEstimates(fit)
      as.list(table[table$op == "~1" & table$group == 2 & table$lhs %in% lavNames(fit, "lv"), c("est", "se")])
    })
  )
}
compared <- function(items) {
  hs$score <- rowMeans(hs[items])
  lapply(split(hs, hs$unit), function(rows) {
    test <- t.test(score ~ school, rows)
    list(
      mean = as.numeric(test$estimate), low = test$conf.int[1], high = test$conf.int[2],
      t = as.numeric(test$statistic), df = as.numeric(test$parameter), p = test$p.value
    )
  })
}
schools <- compared(c("x1", "x2"))
p <- sapply(schools, function(one) one$p)
means <- t(sapply(schools, function(one) one$mean))
out <- list(
  textual = steps(textual, "x5 ~1"), visual = steps(visual, "x3 ~1"),
  schools = schools, p_adjusted = as.list(p.adjust(p, "holm")),
  mean_difference = mean(means[, 1] - means[, 2]), sd = sd(means[, 1] - means[, 2]), r = cor(means)[1, 2],
  versions = list(R = R.version.string, lavaan = as.character(packageVersion("lavaan")))
)
write(toJSON(out, auto_unbox = TRUE, digits = NA, pretty = TRUE), "roles.json")
