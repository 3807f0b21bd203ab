"""Every way a request comes in: public forms, uploads, the customer's page. One intake for all of them."""
