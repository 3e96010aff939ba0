"""Call records, the batches and posts they come in, the error queue."""

from . import (
    voip_cdr,
    voip_cdr_batch,
    voip_cdr_batch_counts,
    voip_cdr_batch_work,
    voip_cdr_batch_posts,
    voip_cdr_post,
    voip_cdr_error,
    cdr_error_fix,
    cdr_error_again,
)
