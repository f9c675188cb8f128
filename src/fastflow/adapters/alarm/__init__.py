"""The alarm clock of the scheduler: APScheduler with one job, kept in memory."""
