# Runs each program in R's global environment, as Rscript does, and empties that environment after it.
local({
  arguments <- commandArgs(trailingOnly = TRUE)
  capture <- reticulate::import_from_path("capture_r", path = arguments[[1]])
  first_options <- options()
  capture$prepare(arguments[[4]])
  for (text in capture$programs(arguments[[2]])) {
    capture$begin()
    error <- tryCatch({
      eval(parse(text = text, keep.source = FALSE), envir = globalenv())
      NULL
    }, error = function(e) sub("\n.*", "", conditionMessage(e)))
    capture$end(error)
    rm(list = ls(globalenv(), all.names = TRUE), envir = globalenv())
    options(first_options)
    while (!is.null(globalenv()) && search()[[2]] %in% c("config", "settings")) detach(2)
  }
  capture$finish(arguments[[3]])
})
