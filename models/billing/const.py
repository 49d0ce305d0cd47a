"""What the models of this domain share."""

# Who sells and who bills: nobody else reads what a contract costs.
PRICE_GROUPS = (
    "maintenance_contract.group_contract_manager,account.group_account_invoice,"
    "account.group_account_readonly"
)
# Who makes invoices, and decides what is not invoiced.
BILLING_GROUP = "account.group_account_invoice"
