# --- how each table is computed ----------------------------------------------------------------------------

# Where this script lies, however it was started.
here <- function() {
  started <- grep("^--file=", commandArgs(FALSE), value = TRUE)
  if (length(started)) return(dirname(normalizePath(sub("^--file=", "", started[1]))))
  sourced <- tryCatch(sys.frame(1)$ofile, error = function(e) NULL)
  if (is.null(sourced)) getwd() else dirname(normalizePath(sourced))
}

# Answers of one role: codes of missing answers become NA, only submissions kept for analysis stay.
read_answers <- function(plan, folder) {
  lines <- readLines(file.path(folder, plan$file), encoding = "UTF-8", warn = FALSE)
  lines[1] <- sub("^\ufeff", "", lines[1])
  heads <- names(read.csv(text = lines[1], check.names = FALSE, encoding = "UTF-8"))
  types <- ifelse(heads %in% plan$words, "character", "numeric")
  d <- read.csv(text = lines, check.names = FALSE, encoding = "UTF-8", colClasses = types, na.strings = "")
  asked <- intersect(plan$asked, heads)
  d[asked] <- lapply(d[asked], function(x) replace(x, x %in% plan$missing, NA))
  if ("kept" %in% heads) d[d$kept %in% 1, , drop = FALSE] else d
}

# What cannot be computed is said, and the rest goes on.
attempt <- function(what, expression) {
  tryCatch(suppressMessages(suppressWarnings(expression)), error = function(e) {
    cat("not computed: ", what, ": ", conditionMessage(e), "\n", sep = "", file = stderr())
    NULL
  })
}

stacked <- function(frames) {
  frames <- Filter(function(f) !is.null(f) && nrow(f) > 0, frames)
  if (!length(frames)) return(NULL)
  heads <- unique(unlist(lapply(frames, names)))
  do.call(rbind, lapply(frames, function(f) {
    f[setdiff(heads, names(f))] <- NA
    f[heads]
  }))
}

# Rows that the pair of columns with the fewest has: all of them where no answer is missing.
fewest <- function(x) min(crossprod(!is.na(as.matrix(x))))

# Alpha and omega total of one factor, on the rows planned: complete ones, or those of each pair (psych).
reliability <- function(d, plan) {
  stacked(lapply(names(plan$scales), function(scale) {
    x <- d[plan$scales[[scale]]]
    if (ncol(x) < 2) return(NULL)
    if (plan$rows == "listwise") x <- x[complete.cases(x), ]
    found <- attempt(paste("alpha of", scale), psych::alpha(x, check.keys = FALSE, warnings = FALSE)$total)
    if (is.null(found)) return(NULL)
    r <- cor(x, use = "pairwise")
    omega <- attempt(paste("omega of", scale), {
      capture.output(o <- psych::omega(r, nfactors = 1, plot = FALSE, flip = FALSE))
      o$omega.tot
    })
    mean_r <- mean(r[lower.tri(r)])
    data.frame(
      role = plan$role, scale = scale, k = ncol(x), n = fewest(x), alpha = found$raw_alpha,
      alpha_standardized = ncol(x) * mean_r / (1 + (ncol(x) - 1) * mean_r), mean_r = mean_r,
      omega_total = if (is.null(omega)) NA else omega
    )
  }))
}

# KMO, Bartlett's test, eigenvalues, then the factors (psych).
factor_analysis <- function(d, plan) {
  ask <- plan$factors
  if (length(ask$items) < 3) return(list())
  x <- d[ask$items]
  if (ask$rows == "listwise") x <- x[complete.cases(x), ]
  r <- if (ask$matrix == "polychoric") psych::polychoric(x, correct = 0)$rho else cor(x, use = "pairwise")
  n <- fewest(x)
  test <- psych::cortest.bartlett(r, n)
  number <- ask$number
  if (is.null(number)) {
    set.seed(plan$seed)
    capture.output(p <- psych::fa.parallel(r, n.obs = n, fa = "fa", plot = FALSE, quant = 0.95))
    number <- p$nfact
  }
  tables <- list(
    factorability = data.frame(
      role = plan$role, n = n, kmo = psych::KMO(r)$MSA, bartlett_chi2 = test$chisq,
      bartlett_df = test$df, bartlett_p = test$p.value, factors = number
    ),
    eigenvalues = data.frame(role = plan$role, number = seq_along(ask$items), component = eigen(r)$values)
  )
  if (ask$matrix == "polychoric") names(tables$eigenvalues)[3] <- "component_polychoric"
  if (number < 1) return(tables)
  methods <- c(minres = "minres", ml = "ml", paf = "pa")
  found <- if (ask$extraction == "pca") {
    psych::principal(r, number, rotate = ask$rotation, n.obs = n)
  } else {
    psych::fa(r, number, n.obs = n, fm = methods[[ask$extraction]], rotate = ask$rotation,
              max.iter = 5000, min.err = 1e-10)
  }
  pattern <- unclass(found$loadings)
  phi <- if (is.null(found$Phi)) diag(number) else found$Phi
  structure <- pattern %*% phi
  order <- order(-diag(phi %*% crossprod(pattern)))
  named <- paste0("F", seq_len(number))
  tables$loadings <- data.frame(
    role = plan$role, item = rep(rownames(pattern), each = number), factor = rep(named, nrow(pattern)),
    pattern = as.numeric(t(pattern[, order])), structure = as.numeric(t(structure[, order])),
    communality = rep(as.numeric(found$communality), each = number)
  )
  pairs <- which(upper.tri(diag(number)), arr.ind = TRUE)
  if (nrow(pairs)) {
    tables$factor_correlations <- data.frame(
      role = plan$role, a = named[pairs[, 1]], b = named[pairs[, 2]], r = phi[order, order][pairs]
    )
  }
  tables
}

# The search goes on until it stands still; where that cannot be told at so fine a step, lavaan's own will do.
converged <- function(settings) {
  for (tolerance in c(1e-14, 1e-12, 1e-10)) {
    control <- list(eval.max = 50000, iter.max = 50000, rel.tol = tolerance)
    fit <- do.call("cfa", c(settings, list(control = control)), envir = asNamespace("lavaan"))
    if (lavaan::lavInspect(fit, "converged")) return(fit)
  }
  stop("no convergence")
}

# Fit, corrected where the estimator corrects it, and loadings of one model.
model_tables <- function(fit) {
  raw <- lavaan::parameterEstimates(fit)
  if (anyNA(raw$se)) stop("no standard errors: the data do not identify the model")
  std <- lavaan::standardizedSolution(fit)
  m <- lavaan::fitMeasures(fit)
  take <- function(...) {
    known <- intersect(c(...), names(m))
    if (length(known)) unname(as.numeric(m[known[1]])) else NA
  }
  list(
    fit = data.frame(
      n = lavaan::lavInspect(fit, "nobs"), chi2 = take("chisq.scaled", "chisq"),
      df = take("df.scaled", "df"), p = take("pvalue.scaled", "pvalue"), cfi = take("cfi.scaled", "cfi"),
      tli = take("tli.scaled", "tli"), rmsea = take("rmsea.scaled", "rmsea"),
      rmsea_low = take("rmsea.ci.lower.scaled", "rmsea.ci.lower"),
      rmsea_high = take("rmsea.ci.upper.scaled", "rmsea.ci.upper"), srmr = take("srmr"), aic = take("aic"),
      bic = take("bic"), log_likelihood = take("logl"), chi2_unscaled = take("chisq"),
      scaling = take("chisq.scaling.factor")
    ),
    loadings = data.frame(
      factor = raw$lhs, item = raw$rhs, estimate = raw$est, se = raw$se, std = std$est.std[seq_along(raw$lhs)]
    )[raw$op == "=~", ]
  )
}

# Confirmatory factor analysis: every planned model by every planned estimator (lavaan).
confirmatory <- function(d, plan) {
  ask <- plan$confirmatory
  if (length(ask$items) < 3) return(list())
  x <- d[ask$items]
  names(x) <- names(ask$items)
  fits <- loadings <- list()
  for (model in names(ask$models)) for (estimator in ask$estimators) {
    fiml <- estimator == "FIML"
    rows <- if (fiml) x[rowSums(!is.na(x)) > 0, ] else x[complete.cases(x), ]
    settings <- list(
      model = ask$models[[model]], data = rows, estimator = if (fiml) "ML" else estimator,
      missing = if (fiml) "fiml" else "listwise", std.lv = model %in% ask$unit_variance
    )
    if (estimator == "WLSMV") settings$ordered <- names(x)
    found <- attempt(paste(plan$role, model, estimator), model_tables(converged(settings)))
    if (is.null(found)) next
    head <- data.frame(role = plan$role, model = model, estimator = estimator)
    fits[[length(fits) + 1]] <- cbind(head, found$fit)
    loadings[[length(loadings) + 1]] <- cbind(head, found$loadings)
  }
  list(cfa_fit = stacked(fits), cfa_loadings = stacked(loadings))
}

# The rows and terms of one regression: complete rows, names as factors with the first level as reference.
regression_rows <- function(d, ask) {
  terms <- unlist(ask$blocks, use.names = FALSE)
  needed <- c(ask$outcome, terms, if (ask$clustered) "school")
  absent <- setdiff(needed, names(d))
  if (length(absent)) stop("no column ", paste(absent, collapse = ", "))
  d <- d[complete.cases(d[needed]), needed]
  for (term in terms) {
    levels <- ask$levels[[term]]
    if (is.character(d[[term]])) levels <- sort(unique(d[[term]]), method = "radix")
    if (!is.null(levels)) d[[term]] <- factor(d[[term]], levels = intersect(levels, unique(d[[term]])))
  }
  d
}

varying <- function(d, terms) terms[vapply(d[terms], function(x) length(unique(x)) > 1, NA)]
equation <- function(outcome, terms, random = NULL) {
  right <- c(if (length(terms)) sprintf("`%s`", terms) else "1", random)
  as.formula(paste0("`", outcome, "` ~ ", paste(right, collapse = " + ")))
}

# Names of coefficients as manyi writes them: `stage=primary`, `(intercept)`.
term_names <- function(names, d, terms) {
  names <- gsub("`", "", names)
  for (term in terms) if (is.factor(d[[term]])) {
    for (level in levels(d[[term]])) names[names == paste0(term, level)] <- paste0(term, "=", level)
  }
  replace(names, names == "(Intercept)", "(intercept)")
}

# Linear models block by block, errors clustered by school: CR1S with t(G - 1), CR2 with Satterthwaite's df.
regression <- function(d, ask, plan) {
  d <- regression_rows(d, ask)
  coefficients <- models <- list()
  before <- NULL
  for (number in seq_along(ask$blocks)) {
    terms <- varying(d, unlist(ask$blocks[seq_len(number)], use.names = FALSE))
    fit <- lm(equation(ask$outcome, terms), data = d)
    here <- !is.na(coef(fit))
    head <- data.frame(role = plan$role, outcome = ask$outcome, model = as.character(number))
    row <- cbind(head, data.frame(
      block = names(ask$blocks)[number], n = nrow(d), clusters = length(unique(d$school)),
      r2 = summary(fit)$r.squared, adj_r2 = summary(fit)$adj.r.squared
    ))
    row$delta_r2 <- row$r2 - if (is.null(before)) 0 else before$r2
    added <- setdiff(names(coef(fit))[here], c("(Intercept)", before$names))
    for (kind in ask$errors) {
      test <- attempt(paste("errors", kind), if (ask$clustered) {
        v <- clubSandwich::vcovCR(fit, cluster = d$school, type = if (kind == "CR1") "CR1S" else kind)
        found <- clubSandwich::coef_test(fit, v, test = if (kind == "CR1") "naive-t" else "Satterthwaite")
        data.frame(se = found$SE, df = found[[grep("^df", names(found))[1]]])
      } else data.frame(se = sqrt(diag(vcov(fit)))[here], df = fit$df.residual))
      if (is.null(test)) next
      b <- coef(fit)[here]
      coefficients[[length(coefficients) + 1]] <- cbind(head, data.frame(
        term = term_names(names(b), d, terms), b = unname(b), se = test$se,
        se_type = if (ask$clustered) kind else "OLS", t = unname(b) / test$se, df = test$df,
        p = 2 * pt(-abs(unname(b) / test$se), test$df)
      ))
      if (ask$clustered && length(added)) {
        wald <- attempt(paste("test of block", row$block), clubSandwich::Wald_test(
          fit, clubSandwich::constrain_zero(added, coefs = coef(fit)[here]), v,
          test = if (kind == "CR1") "Naive-F" else "HTZ"
        ))
        ending <- if (kind == "CR1") "" else "_cr2"
        if (!is.null(wald)) row[paste0(c("f_change", "df2"), ending)] <- c(wald$Fstat, wald$df_denom)
      }
    }
    models[[number]] <- row
    before <- list(r2 = row$r2, names = names(coef(fit))[here])
  }
  list(regression = stacked(coefficients), regression_models = stacked(models))
}

# Models with a random intercept of the school: without predictors, then block by block (lme4).
multilevel <- function(d, ask, plan) {
  if (!ask$clustered) return(list())
  d <- regression_rows(d, ask)
  coefficients <- models <- list()
  careful <- lme4::lmerControl(optimizer = "bobyqa", calc.derivs = FALSE, optCtrl = list(rhoend = 1e-9, maxfun = 1e5))
  for (number in c(0, seq_along(ask$blocks))) {
    terms <- varying(d, unlist(ask$blocks[seq_len(number)], use.names = FALSE))
    name <- if (number) as.character(number) else "empty"
    fit <- attempt(paste("multilevel model", name), lme4::lmer(
      equation(ask$outcome, terms, "(1 | school)"), data = d, REML = ask$method == "REML", control = careful
    ))
    if (is.null(fit)) next
    spread <- as.data.frame(lme4::VarCorr(fit))$vcov
    head <- data.frame(role = plan$role, outcome = ask$outcome, model = name)
    b <- lme4::fixef(fit)
    coefficients[[length(coefficients) + 1]] <- cbind(head, data.frame(
      term = term_names(names(b), d, terms), estimate = unname(b),
      se = unname(sqrt(diag(as.matrix(vcov(fit)))))
    ))
    models[[length(models) + 1]] <- cbind(head, data.frame(
      n = nrow(d), schools = length(unique(d$school)), var_school = spread[1], var_residual = spread[2],
      icc = spread[1] / sum(spread), loglik = as.numeric(logLik(fit))
    ))
  }
  list(multilevel = stacked(coefficients), multilevel_models = stacked(models))
}

# --- run ---------------------------------------------------------------------------------------------------

needed <- c("psych", "GPArotation", "lavaan", "clubSandwich", "lme4")
absent <- needed[!vapply(needed, function(x) suppressMessages(requireNamespace(x, quietly = TRUE)), NA)]
if (length(absent)) stop("install first: install.packages(c(", paste0('"', absent, '"', collapse = ", "), "))")

folder <- here()
tables <- list()
keep <- function(found) for (name in names(found)) {
  if (!is.null(found[[name]])) tables[[name]] <<- stacked(list(tables[[name]], found[[name]]))
}
for (plan in plans) {
  answers <- read_answers(plan, folder)
  cat(plan$role, ": ", nrow(answers), " submissions\n", sep = "")
  if (!nrow(answers)) next
  keep(list(reliability = attempt("reliability", reliability(answers, plan))))
  keep(attempt("factor analysis", factor_analysis(answers, plan)))
  keep(attempt("confirmatory factor analysis", confirmatory(answers, plan)))
  for (ask in plan$regressions) {
    what <- paste("regression of", ask$outcome)
    keep(attempt(what, regression(answers, ask, plan)))
    keep(attempt(paste("multilevel", what), multilevel(answers, ask, plan)))
  }
}
dir.create(file.path(folder, "tables"), showWarnings = FALSE)
for (name in names(tables)) {
  write.csv(tables[[name]], file.path(folder, "tables", paste0(name, ".csv")), row.names = FALSE, na = "",
            fileEncoding = "UTF-8")
}
cat("R ", as.character(getRversion()), sep = "")
for (name in needed) cat(", ", name, " ", as.character(packageVersion(name)), sep = "")
cat("\n-> ", file.path(folder, "tables"), "\n", sep = "")
