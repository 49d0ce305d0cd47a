"""What the models of this domain share."""

# Who sells and who bills: nobody else reads what a contract costs.
PRICE_GROUPS = (
    "maintenance_contract.group_contract_manager,account.group_account_invoice,"
    "account.group_account_readonly"
)
# Who makes invoices, and decides what is not invoiced.
BILLING_GROUP = "account.group_account_invoice"
# What the salesperson of a contract has to do about its offer.
OFFER_ACTIVITY = "maintenance_contract.mail_activity_offer"
