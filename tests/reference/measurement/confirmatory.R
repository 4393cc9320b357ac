# Writes confirmatory.json. Run beside bfi.csv and holzinger1939.csv: Rscript confirmatory.R
# lavaan's search stops 1e-5 short of the estimates, which errors, scaling factors and modification indices feel:
# it is carried on by Newton's method with lavaan's own gradient, and lavaan then evaluates the model there.
suppressMessages({library(lavaan); library(semTools); library(jsonlite)})
hs <- read.csv("holzinger1939.csv")
bfi <- read.csv("bfi.csv")
model <- "visual =~ x1 + x2 + x3\n textual =~ x4 + x5 + x6\n speed =~ x7 + x8 + x9"
items <- paste0("x", 1:9)
all_items <- paste(items, collapse = " + ")

fitted <- function(syntax, data, ...) {
  for (tolerance in 10^-(14:10)) {
    control <- list(eval.max = 50000, iter.max = 50000, rel.tol = tolerance)
    rough <- suppressWarnings(cfa(syntax, data, control = control, ...))
    if (lavInspect(rough, "converged")) break
  }
  if (!lavInspect(rough, "converged")) stop("not converged: ", syntax)
  model <- rough@Model
  slope <- function(x) {
    at <- lavaan:::lav_model_set_parameters(model, x)
    as.numeric(lavaan:::lav_model_gradient(
      at, lavsamplestats = rough@SampleStats, lavdata = rough@Data, lavcache = rough@Cache, type = "free"
    ))
  }
  x <- lavaan:::lav_model_get_parameters(model)
  K <- if (model@eq.constraints) model@eq.constraints.K else diag(length(x))
  for (again in 1:6) {
    g <- crossprod(K, slope(x))
    if (max(abs(g)) < 1e-13) break
    h <- 1e-5
    H <- sapply(seq_len(ncol(K)), function(j) crossprod(K, slope(x + h * K[, j]) - slope(x - h * K[, j])) / (2 * h))
    x <- as.numeric(x - K %*% solve((H + t(H)) / 2, g))
  }
  # Of groups with missing answers that function is no derivative of the objective: lavaan's own end is kept.
  if (max(abs(crossprod(K, slope(lavaan:::lav_model_get_parameters(model))))) > 1e-4) {
    attr(rough, "rough") <- rough
    return(rough)
  }
  table <- parTable(rough)
  table$est[table$free > 0] <- x[table$free[table$free > 0]]
  fine <- suppressWarnings(cfa(
    syntax, data, start = table, optim.method = "none", optim.force.converged = TRUE, baseline = FALSE, ...
  ))
  # lavaan changes starting values of its own accord where a solution is improper: then errors are made there.
  kept <- if (fine@optim$fx > rough@optim$fx + 1e-12) moved(rough, x) else fine
  attr(kept, "rough") <- rough
  kept
}
moved <- function(fit, x) {
  fit@Model <- lavaan:::lav_model_set_parameters(fit@Model, x)
  fit@ParTable$est[fit@ParTable$free > 0] <- x[fit@ParTable$free[fit@ParTable$free > 0]]
  fit@implied <- lavaan:::lav_model_implied(fit@Model)
  fit@vcov$vcov <- lavaan:::lav_model_vcov(
    lavmodel = fit@Model, lavsamplestats = fit@SampleStats, lavoptions = fit@Options, lavdata = fit@Data,
    lavpartable = fit@ParTable, lavcache = fit@Cache, lavimplied = fit@implied, lavh1 = fit@h1
  )
  fit@ParTable$se <- lavaan:::lav_model_vcov_se(fit@Model, fit@ParTable, VCOV = fit@vcov$vcov)
  fit
}
measures <- function(fit) {
  baseline <- suppressWarnings(lavaan:::lav_object_independence(attr(fit, "rough")))
  stopifnot(lavInspect(baseline, "converged"))
  as.list(fitMeasures(fit, baseline.model = baseline))
}
estimates <- function(fit) {
  raw <- parameterEstimates(fit)
  std <- standardizedSolution(fit)
  keep <- raw$op %in% c("=~", "~~", "~1")
  raw <- raw[keep, ]
  std <- std[std$op %in% c("=~", "~~", "~1"), ]
  list(
    group = if (is.null(raw$group)) rep(1, nrow(raw)) else raw$group,
    left = raw$lhs, op = raw$op, right = raw$rhs, est = raw$est, se = raw$se,
    std = std$est.std, std_se = std$se
  )
}
record <- function(fit) list(fit = measures(fit), n = lavInspect(fit, "nobs"), estimates = estimates(fit))

second <- paste(model, "\n general =~ visual + textual + speed")
general <- paste("general =~", all_items, "\n", model)
method <- paste(model, "\n method =~", all_items, "\n method ~~ 0*visual + 0*textual + 0*speed")
equal <- paste(
  model, "\n method =~", paste0("NA*x1 + ", paste0("a*", items, collapse = " + ")),
  "\n method ~~ 1*method + 0*visual + 0*textual + 0*speed"
)
errors <- paste(model, "\n x7 ~~ x8")
alone <- "visual =~ x1 + x2 + x3\n textual =~ x4\n speed =~ x7 + x8 + x9"

cases <- list(
  correlated = fitted(model, hs),
  standardized_factors = fitted(model, hs, std.lv = TRUE),
  means = fitted(model, hs, meanstructure = TRUE),
  errors = fitted(errors, hs),
  second_order = fitted(second, hs),
  second_order_variance = fitted(second, hs, std.lv = TRUE),
  bifactor = fitted(general, hs, std.lv = TRUE, orthogonal = TRUE),
  method = fitted(method, hs, std.lv = TRUE),
  method_equal = fitted(equal, hs, std.lv = TRUE),
  single = fitted(paste("general =~", all_items), hs),
  uncorrelated = fitted(model, hs, orthogonal = TRUE),
  single_item = fitted(alone, hs),
  mlm = fitted(model, hs, estimator = "MLM"),
  mlr = fitted(model, hs, estimator = "MLR"),
  mlr_means = fitted(model, hs, estimator = "MLR", meanstructure = TRUE)
)

# Answers missing in a fixed pattern.
holes <- hs
row <- seq_len(nrow(hs))
holes$x3[row %% 5 == 0] <- NA
holes$x7[row %% 7 == 0] <- NA
holes[row %% 11 == 0, c("x1", "x2", "x9")] <- NA
holes[row %in% c(17, 130), items] <- NA
cases$fiml <- fitted(model, holes, missing = "fiml", em.h1.tol = 1e-10, em.h1.iter.max = 50000)
cases$fiml_groups <- fitted(
  model, holes, missing = "fiml", group = "school", group.equal = "loadings",
  em.h1.tol = 1e-10, em.h1.iter.max = 50000
)

# Five groups of education, complete answers to fifteen items.
big <- "A =~ A1 + A2 + A3 + A4 + A5\n C =~ C1 + C2 + C3 + C4 + C5\n N =~ N1 + N2 + N3 + N4 + N5"
named <- c(paste0("A", 1:5), paste0("C", 1:5), paste0("N", 1:5))
complete <- bfi[complete.cases(bfi[, c(named, "education")]), c(named, "education")]
cases$bfi_second_order <- fitted(paste(big, "\n general =~ A + C + N"), complete, std.lv = TRUE)
equalities <- list(
  configural = "none", metric = "loadings", scalar = c("loadings", "intercepts"),
  strict = c("loadings", "intercepts", "residuals")
)
by <- function(data, syntax, group, ...) {
  lapply(equalities, function(same) fitted(syntax, data, group = group, group.equal = if (same[1] == "none") "" else same, ...))
}
short <- function(fits) lapply(fits, measures)
changes <- function(fits) {
  table <- do.call(lavTestLRT, unname(fits))
  list(chi2 = table[["Chisq diff"]], df = table[["Df diff"]], p = table[["Pr(>Chisq)"]])
}
education <- by(complete, big, "education", std.lv = TRUE)
school <- by(hs, model, "school")
school_robust <- by(hs, model, "school", estimator = "MLR")
school_mlm <- by(hs, model, "school", estimator = "MLM")
partial <- fitted(
  model, hs, group = "school", group.equal = c("loadings", "intercepts"), group.partial = c("x3 ~ 1", "x7 ~ 1")
)
scores <- lavTestScore(school$scalar)$uni
table <- parTable(school$scalar)
label <- function(plabel) {
  at <- match(plabel, table$plabel)
  trimws(paste(table$lhs[at], table$op[at], table$rhs[at]))
}
score_tests <- list(parameter = label(scores$lhs), x2 = scores$X2)
cases$scalar_school <- school$scalar
cases$scalar_school_variance <- fitted(
  model, hs, group = "school", group.equal = c("loadings", "intercepts"), std.lv = TRUE
)

# Modification indices.
gains <- modificationIndices(cases$correlated, sort. = TRUE)
gains_groups <- modificationIndices(school$configural, sort. = TRUE)[1:20, ]
listed <- function(m) list(left = m$lhs, op = m$op, right = m$rhs, group = m$group, mi = m$mi, epc = m$epc, std = m$sepc.all)

# Ordered answers.
ordinal <- bfi[complete.cases(bfi[, named]), named]
cases$wlsmv <- fitted(big, ordinal, ordered = named, estimator = "WLSMV")
cases$wlsmv_variance <- fitted(big, ordinal, ordered = named, estimator = "WLSMV", std.lv = TRUE)
cases$wlsmv_second_order <- fitted(paste(big, "\n general =~ A + C + N"), ordinal, ordered = named, estimator = "WLSMV", std.lv = TRUE)

# HTMT and its errors: functions of the covariances of a saturated model.
scales <- list(visual = items[1:3], textual = items[4:6], speed = items[7:9])
r <- function(i, j) paste0("abs(", ifelse(items_at(i) < items_at(j), paste0("s_", i, "_", j), paste0("s_", j, "_", i)), "/sqrt(s_", i, "_", i, "*s_", j, "_", j, "))")
items_at <- function(x) match(x, items)
pairs <- function(a) { p <- combn(a, 2); mapply(r, p[1, ], p[2, ]) }
arithmetic <- function(x) paste0("((", paste(x, collapse = " + "), ")/", length(x), ")")
geometric <- function(x) paste0("exp((", paste0("log(", x, ")", collapse = " + "), ")/", length(x), ")")
ratio <- function(a, b, average) {
  across <- as.vector(outer(scales[[a]], scales[[b]], Vectorize(r)))
  paste0(average(across), "/sqrt(", average(pairs(scales[[a]])), "*", average(pairs(scales[[b]])), ")")
}
saturated <- c()
for (i in 1:9) for (j in i:9) saturated <- c(saturated, paste0(items[i], " ~~ s_", items[i], "_", items[j], "*", items[j]))
defined <- c()
for (p in list(c("visual", "textual"), c("visual", "speed"), c("textual", "speed"))) {
  defined <- c(
    defined, paste0("ht_", p[1], "_", p[2], " := ", ratio(p[1], p[2], arithmetic)),
    paste0("geo_", p[1], "_", p[2], " := ", ratio(p[1], p[2], geometric))
  )
}
ratios <- function(...) {
  found <- parameterEstimates(suppressWarnings(lavaan(paste(c(saturated, defined), collapse = "\n"), hs, ...)))
  found <- found[found$op == ":=", ]
  list(name = found$lhs, est = found$est, se = found$se, low = found$ci.lower, high = found$ci.upper)
}

std <- standardizedSolution(cases$correlated)
loadings <- split(std$est.std[std$op == "=~"], std$lhs[std$op == "=~"])
std_errors <- standardizedSolution(cases$errors)
speed <- std_errors$est.std[std_errors$op == "=~" & std_errors$lhs == "speed"]
implied_speed <- cov2cor(lavInspect(cases$errors, "cov.ov")[c("x7", "x8", "x9"), c("x7", "x8", "x9")])
raykov <- sum(speed)^2 / sum(implied_speed)
raw <- suppressWarnings(suppressMessages(reliability(cases$correlated)))
convergent <- list(
  cr = lapply(loadings, function(l) sum(l)^2 / (sum(l)^2 + sum(1 - l^2))),
  ave = lapply(loadings, function(l) mean(l^2)),
  cr_raw = as.list(raw["omega", ]), ave_raw = as.list(raw["avevar", ]),
  cr_correlated_errors = raykov
)

write_json(list(
  cases = lapply(cases, record),
  invariance = list(
    education = short(education), education_changes = changes(education),
    school = short(school), school_changes = changes(school),
    school_robust = short(school_robust), school_robust_changes = changes(school_robust),
    school_mlm_changes = changes(school_mlm), school_partial = measures(partial),
    scalar_scores = score_tests
  ),
  modification = listed(gains), modification_groups = listed(gains_groups),
  gamma = unclass(lavInspect(cases$mlm, "gamma")),
  htmt = list(
    normal = ratios(), free = ratios(estimator = "MLM"),
    geometric = unclass(semTools::htmt(model, hs)), arithmetic = unclass(semTools::htmt(model, hs, htmt2 = FALSE)),
    columns = names(scales)
  ),
  convergent = convergent,
  versions = list(R = R.version.string, lavaan = as.character(packageVersion("lavaan")), semTools = as.character(packageVersion("semTools")))
), "confirmatory.json", auto_unbox = TRUE, digits = NA, na = "null")
